/* What lets Python choose a library, make sure that both sides know the same structures, and find a layer's outputs.
   With training.h and workspace_... of network.h this is all that the library exports. */
#ifndef ABI_H
#define ABI_H

#include "training.h"

/* Return the best level of instructions that this processor and its operating system support. 4: AVX-512 as in x86-64-v4;
   3: AVX2 with fused multiply-add as in x86-64-v3; 0: what every processor of the family has (SSE2, or NEON on ARM). */
EXPORT int processor_level(void);
/* Return the level that this library was compiled for. */
EXPORT int compiled_level(void);
/* Return the hash of the sources (source_hash.py) that this library was compiled from; empty if that is not known.
   Python compares it with the sources beside the library: fields that changed places without changing a structure's
   size would go unnoticed otherwise. */
EXPORT const char *compiled_from(void);
/* Write the bytes of Layer, Optimiser, Objective, Dataset and Warps. */
EXPORT void structure_sizes(int64_t *sizes);

/* How weights are packed (gemm.h): columns of a panel, unused rows between two, and lanes of a vector. */
EXPORT int64_t panel_columns(void);
EXPORT int64_t panel_gap(void);
EXPORT int64_t vector_lanes(void);

/* Return the outputs of one layer for the last batch. */
EXPORT const real *layer_outputs(const Workspace *w, int number);

#endif
