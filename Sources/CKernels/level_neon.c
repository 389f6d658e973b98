// The kernels for 64-bit Arm: 4 floats a vector, 32 registers, of which a tile takes 24 and a row of
// B another four. A factor of A is loaded and spread by one instruction.
#if defined(__aarch64__)
#define CK_TARGET "neon"
#define CK_NAME(name) name##_neon
#define CK_LANES 4
#define CK_TILE_ROWS 6
#define CK_TILE_VECTORS 4
#define CK_ROW_VECTORS 16
#define CK_CONV_PIXELS 6
#define CK_CONV_TAPS 4
#include "kernel_bodies.h"
#endif
