#pragma once
// MuJoCo for Swift: the library's own header, and what Swift cannot say about it.
#include <mujoco/mujoco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// An error inside MuJoCo means its state is lost: it must not return. MuJoCo's own handler waits
// for somebody to press Enter, which on a robot nobody does.
static inline void sacbot_mujoco_fail(const char *message) {
    fprintf(stderr, "sacbot: MuJoCo stopped with an internal error: %s\n", message);
    abort();
}

// Warnings are read from mjData after each step. MuJoCo's own handler appends every one of them
// to MUJOCO_LOG.TXT in whatever folder the program was started in.
static inline void sacbot_mujoco_warn(const char *message) { (void)message; }

// Installs both handlers. They are process-wide; call before the first model is loaded.
static inline void sacbot_mujoco_set_handlers(void) {
    mju_user_error = sacbot_mujoco_fail;
    mju_user_warning = sacbot_mujoco_warn;
}

// Whether a number in the state went bad since the last reset. MuJoCo then resets the state by
// itself and goes on as if nothing had happened, apart from these counters.
static inline int sacbot_mujoco_is_broken(const mjData *data) {
    return data->warning[mjWARN_BADQPOS].number + data->warning[mjWARN_BADQVEL].number
        + data->warning[mjWARN_BADQACC].number > 0;
}

// Whether contacts or constraints were ever dropped because the model's <size> is too small.
static inline int sacbot_mujoco_is_full(const mjData *data) {
    return data->warning[mjWARN_CONTACTFULL].number + data->warning[mjWARN_CNSTRFULL].number > 0;
}

// How often a warning was raised since the last reset, and putting that number back.
static inline int sacbot_mujoco_warnings(const mjData *data, int warning) {
    return data->warning[warning].number;
}
static inline void sacbot_mujoco_set_warnings(mjData *data, int warning, int number) {
    data->warning[warning].number = number;
}

// Parts of a scene that are arrays inside structs, which Swift sees as tuples of a hundred.
static inline mjvLight *sacbot_scene_lights(mjvScene *scene) { return scene->lights; }
static inline mjvGLCamera *sacbot_scene_cameras(mjvScene *scene) { return scene->camera; }
static inline mjtByte *sacbot_scene_flags(mjvScene *scene) { return scene->flags; }
static inline float *sacbot_geom_colour(mjvGeom *geom) { return geom->rgba; }
static inline float *sacbot_geom_texture_repeats(mjvGeom *geom) { return geom->texrepeat; }
// How far two geoms are apart, at most `limit`; negative inside one another. Places and turns are
// those of the newest mj_kinematics. Kinds that MuJoCo cannot test against each other are `limit`
// apart. Allocates nothing.
static inline double sacbot_mujoco_distance(const mjModel *model, const mjData *data, int first,
                                            int second, double limit) {
    if (model->geom_type[first] > model->geom_type[second]) {
        int other = first;
        first = second;
        second = other;
    }
    mjfCollision test = mjCOLLISIONFUNC[model->geom_type[first]][model->geom_type[second]];
    if (!test) return limit;
    mjContact contacts[mjMAXCONPAIR];
    int count = test(model, data, contacts, first, second, limit);
    double nearest = limit;
    for (int index = 0; index < count; index++) {
        if (contacts[index].dist < nearest) nearest = contacts[index].dist;
    }
    return nearest;
}

// Reads a model from text as if it stood in the file `path`, so that files it names are found.
// The virtual file system is two megabytes: too much for a stack.
static inline mjModel *sacbot_mujoco_load_text(const char *path, const char *text, char *message,
                                               int size) {
    mjVFS *files = (mjVFS *)malloc(sizeof(mjVFS));
    if (!files) {
        snprintf(message, (size_t)size, "not enough memory");
        return NULL;
    }
    mj_defaultVFS(files);
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    mjModel *model = NULL;
    if (mj_makeEmptyFileVFS(files, name, (int)strlen(text)) == 0) {
        memcpy(files->filedata[0], text, strlen(text));
        model = mj_loadXML(path, files, message, size);
    } else {
        snprintf(message, (size_t)size, "its name is too long");
    }
    mj_deleteVFS(files);
    free(files);
    return model;
}
