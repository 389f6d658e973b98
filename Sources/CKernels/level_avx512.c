// The kernels for processors with AVX-512F: 16 floats a vector, 32 registers.
#if defined(__x86_64__)
#define CK_TARGET "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"
#define CK_NAME(name) name##_avx512
#define CK_LANES 16
#define CK_TILE_ROWS 8
#define CK_TILE_VECTORS 2
#define CK_ROW_VECTORS 16
#define CK_CONV_PIXELS 6
#define CK_CONV_TAPS 6
#include "kernel_bodies.h"
#endif
