/* Facts about this build, for Python. */
#include "abi.h"

void structure_sizes(int64_t *sizes) {
    sizes[0] = (int64_t)sizeof(Layer);
    sizes[1] = (int64_t)sizeof(Optimiser);
    sizes[2] = (int64_t)sizeof(Objective);
    sizes[3] = (int64_t)sizeof(Dataset);
    sizes[4] = (int64_t)sizeof(Warps);
}

#define STRING_OF_(text) #text
#define STRING_OF(text) STRING_OF_(text)
const char *compiled_from(void) {
#if defined(SOURCE_HASH)
    return STRING_OF(SOURCE_HASH);
#else
    return "";
#endif
}

const real *layer_outputs(const Workspace *w, int number) { return w->caches[number].outputs; }

int64_t panel_columns(void) { return PANEL_COLUMNS; }
int64_t panel_gap(void) { return PANEL_GAP; }
int64_t vector_lanes(void) { return LANES; }
