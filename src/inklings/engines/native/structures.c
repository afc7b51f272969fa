/* What lets Python make sure that it knows the same structures. */
#include "training.h"

EXPORT void structure_sizes(long *sizes) {
    sizes[0] = (long)sizeof(layer);
    sizes[1] = (long)sizeof(optimiser);
    sizes[2] = (long)sizeof(objective);
    sizes[3] = (long)sizeof(dataset);
}

EXPORT const real *outputs_of(const workspace *w, int number) { return w->traces[number].outputs; }

/* How wide the panels are that weights lie in, how many rows lie between them, and how wide a vector is. */
EXPORT long panel_columns(void) { return PANEL; }
EXPORT long panel_gap(void) { return GAP; }
EXPORT long vector_lanes(void) { return LANES; }
