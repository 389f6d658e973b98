// The kernels for processors with AVX2 and FMA: 8 floats a vector, 16 registers.
#if defined(__x86_64__)
#define CK_TARGET "avx2,fma"
#define CK_NAME(name) name##_avx2
#define CK_LANES 8
#define CK_TILE_ROWS 6
#define CK_TILE_VECTORS 2
#define CK_ROW_VECTORS 8
#define CK_CONV_PIXELS 3
#define CK_CONV_TAPS 2
#include "kernel_bodies.h"
#endif
