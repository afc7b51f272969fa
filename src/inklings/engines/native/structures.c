/* What lets Python make sure that it knows the same structures. */
#include "training.h"

EXPORT void structure_sizes(int64_t *sizes) {
    sizes[0] = (int64_t)sizeof(layer);
    sizes[1] = (int64_t)sizeof(optimiser);
    sizes[2] = (int64_t)sizeof(objective);
    sizes[3] = (int64_t)sizeof(dataset);
}

/* The hash of the sources (source_hash.py) that this library was compiled from, which Python compares with the sources
   beside it: a structure whose fields changed places without changing its size would pass otherwise. */
#define STRING_OF_(text) #text
#define STRING_OF(text) STRING_OF_(text)
EXPORT const char *compiled_from(void) {
#if defined(SOURCE_HASH)
    return STRING_OF(SOURCE_HASH);
#else
    return "";
#endif
}

EXPORT const real *outputs_of(const workspace *w, int number) { return w->traces[number].outputs; }

/* How wide the panels are that weights lie in, how many rows lie between them, and how wide a vector is. */
EXPORT int64_t panel_columns(void) { return PANEL; }
EXPORT int64_t panel_gap(void) { return GAP; }
EXPORT int64_t vector_lanes(void) { return LANES; }
