// The kernels for every other processor: 4 floats a vector (SSE2, or whatever the compiler makes of
// it) and few registers, without any instruction that the build's baseline lacks.
#define CK_NAME(name) name##_plain
#define CK_LANES 4
#define CK_TILE_ROWS 4
#define CK_TILE_VECTORS 2
#define CK_ROW_VECTORS 8
#define CK_CONV_PIXELS 2
#define CK_CONV_TAPS 2
#include "kernel_bodies.h"
