#include "COffscreen.h"
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/osmesa.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct sacbot_gl {
    sacbot_gl_kind kind;
    void *library;
    // OSMesa draws here.
    void *frame;
    int width, height;
    OSMesaContext mesa;
    EGLDisplay display;
    EGLContext egl;
};

// Symbols stay visible in the process: MuJoCo looks for them by name.
static void *open_library(const char *const *names, char *message, size_t room) {
    for (; *names != NULL; names++) {
        void *library = dlopen(*names, RTLD_NOW | RTLD_GLOBAL);
        if (library != NULL) return library;
    }
    const char *error = dlerror();
    if (room > 0) snprintf(message, room, "%s", error ? error : "the library is not there");
    return NULL;
}

static void fail(sacbot_gl *context, char *message, size_t room, const char *text) {
    if (room > 0) snprintf(message, room, "%s", text);
    sacbot_gl_close(context);
}

static sacbot_gl *open_osmesa(sacbot_gl *context, char *message, size_t room) {
    static const char *const names[] = {"libOSMesa.so.8", "libOSMesa.so", NULL};
    context->library = open_library(names, message, room);
    if (context->library == NULL) {
        free(context);
        return NULL;
    }
    OSMesaContext (*create)(GLenum, GLint, GLint, GLint, OSMesaContext) =
        (OSMesaContext(*)(GLenum, GLint, GLint, GLint, OSMesaContext))dlsym(
            context->library, "OSMesaCreateContextExt");
    context->frame = malloc((size_t)context->width * context->height * 4);
    if (create != NULL) context->mesa = create(OSMESA_RGBA, 24, 8, 8, NULL);
    if (context->mesa == NULL || context->frame == NULL) {
        fail(context, message, room, "OSMesa gives no context");
        return NULL;
    }
    return context;
}

static sacbot_gl *open_egl(sacbot_gl *context, char *message, size_t room) {
    static const char *const names[] = {"libEGL.so.1", "libEGL.so", NULL};
    context->library = open_library(names, message, room);
    if (context->library == NULL) {
        free(context);
        return NULL;
    }
    PFNEGLGETPROCADDRESSPROC find =
        (PFNEGLGETPROCADDRESSPROC)dlsym(context->library, "eglGetProcAddress");
    PFNEGLGETPLATFORMDISPLAYEXTPROC display =
        find ? (PFNEGLGETPLATFORMDISPLAYEXTPROC)find("eglGetPlatformDisplayEXT") : NULL;
    PFNEGLINITIALIZEPROC initialize = (PFNEGLINITIALIZEPROC)dlsym(context->library, "eglInitialize");
    PFNEGLBINDAPIPROC bind = (PFNEGLBINDAPIPROC)dlsym(context->library, "eglBindAPI");
    PFNEGLCHOOSECONFIGPROC choose =
        (PFNEGLCHOOSECONFIGPROC)dlsym(context->library, "eglChooseConfig");
    PFNEGLCREATECONTEXTPROC create =
        (PFNEGLCREATECONTEXTPROC)dlsym(context->library, "eglCreateContext");
    if (!display || !initialize || !bind || !choose || !create) {
        fail(context, message, room, "this EGL is too old");
        return NULL;
    }
    context->display = display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    if (context->display == EGL_NO_DISPLAY || !initialize(context->display, NULL, NULL)
        || !bind(EGL_OPENGL_API)) {
        fail(context, message, room, "EGL gives no display without a screen");
        return NULL;
    }
    static const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_DEPTH_SIZE, 24,
                                    EGL_STENCIL_SIZE, 8, EGL_NONE};
    EGLConfig config = NULL;
    EGLint count = 0;
    choose(context->display, wanted, &config, 1, &count);
    context->egl = create(context->display, count > 0 ? config : NULL, EGL_NO_CONTEXT, NULL);
    if (context->egl == EGL_NO_CONTEXT) {
        fail(context, message, room, "EGL gives no context");
        return NULL;
    }
    return context;
}

sacbot_gl *sacbot_gl_open(sacbot_gl_kind kind, int width, int height, char *message, size_t room) {
    // One thread draws: the rasteriser's own helpers would take the learner's processor.
    setenv("LP_NUM_THREADS", "0", 0);
    sacbot_gl *context = calloc(1, sizeof(sacbot_gl));
    if (context == NULL) return NULL;
    context->kind = kind;
    context->width = width;
    context->height = height;
    return kind == sacbot_gl_osmesa ? open_osmesa(context, message, room)
                                    : open_egl(context, message, room);
}

int sacbot_gl_make_current(sacbot_gl *context) {
    if (context->kind == sacbot_gl_osmesa) {
        GLboolean (*make)(OSMesaContext, void *, GLenum, GLsizei, GLsizei) =
            (GLboolean(*)(OSMesaContext, void *, GLenum, GLsizei, GLsizei))dlsym(
                context->library, "OSMesaMakeCurrent");
        return make
            && make(context->mesa, context->frame, GL_UNSIGNED_BYTE, context->width,
                    context->height);
    }
    PFNEGLMAKECURRENTPROC make = (PFNEGLMAKECURRENTPROC)dlsym(context->library, "eglMakeCurrent");
    return make && make(context->display, EGL_NO_SURFACE, EGL_NO_SURFACE, context->egl);
}

void sacbot_gl_close(sacbot_gl *context) {
    if (context == NULL) return;
    if (context->mesa != NULL) {
        void (*destroy)(OSMesaContext) =
            (void (*)(OSMesaContext))dlsym(context->library, "OSMesaDestroyContext");
        if (destroy) destroy(context->mesa);
    }
    if (context->egl != EGL_NO_CONTEXT) {
        PFNEGLMAKECURRENTPROC make =
            (PFNEGLMAKECURRENTPROC)dlsym(context->library, "eglMakeCurrent");
        PFNEGLDESTROYCONTEXTPROC destroy =
            (PFNEGLDESTROYCONTEXTPROC)dlsym(context->library, "eglDestroyContext");
        if (make) make(context->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        if (destroy) destroy(context->display, context->egl);
    }
    // The library stays: drivers do not like to be unloaded.
    free(context->frame);
    free(context);
}
