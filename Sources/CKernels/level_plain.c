// The kernels for every other processor: 4 floats a vector (SSE2 or NEON, or whatever the compiler
// makes of it), without any instruction that the build's baseline lacks.
#define CK_NAME(name) name##_plain
#define CK_LANES 4
#define CK_ROW_VECTORS 8
#if defined(__aarch64__)
#define CK_TILE_ROWS 6
#define CK_TILE_VECTORS 4
#else
#define CK_TILE_ROWS 4
#define CK_TILE_VECTORS 2
#endif
#include "kernel_bodies.h"
