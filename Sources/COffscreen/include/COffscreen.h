#pragma once
#include <stddef.h>

// OpenGL without a screen. Both libraries are opened at run time, so that a machine needs only the
// one it has: OSMesa (gone from Mesa 25 on), or EGL without a surface.
//
// A context belongs to the thread that made it current last.

typedef enum { sacbot_gl_osmesa, sacbot_gl_egl } sacbot_gl_kind;

typedef struct sacbot_gl sacbot_gl;

// A context for pictures of this size. Returns NULL and a sentence in `message` if there is none.
sacbot_gl *sacbot_gl_open(sacbot_gl_kind kind, int width, int height, char *message, size_t room);

// Makes it the calling thread's; 0 if that failed.
int sacbot_gl_make_current(sacbot_gl *context);

// Lets go of the context on the calling thread and frees it.
void sacbot_gl_close(sacbot_gl *context);
