// What sacbot calls of MuJoCo, for small boards that only drive a real robot (SACBOT_LEAN=1).
// No model can be loaded, so nothing that takes one is ever called.
#include "CMuJoCo.h"

void (*mju_user_error)(const char *) = 0;
void (*mju_user_warning)(const char *) = 0;

int mj_version(void) { return mjVERSION_HEADER; }

mjModel *mj_loadXML(const char *filename, const mjVFS *vfs, char *error, int error_sz) {
    (void)filename;
    (void)vfs;
    if (error_sz > 0) {
        snprintf(error, (size_t)error_sz, "this is the lean sacbot, built without simulation");
    }
    return 0;
}

static void never(void) { abort(); }

mjData *mj_makeData(const mjModel *m) { (void)m; never(); return 0; }
void mj_deleteModel(mjModel *m) { (void)m; never(); }
void mj_deleteData(mjData *d) { (void)d; never(); }
void mj_step(const mjModel *m, mjData *d) { (void)m; (void)d; never(); }
void mj_forward(const mjModel *m, mjData *d) { (void)m; (void)d; never(); }
void mj_fwdPosition(const mjModel *m, mjData *d) { (void)m; (void)d; never(); }
void mj_resetData(const mjModel *m, mjData *d) { (void)m; (void)d; never(); }
void mj_resetDataKeyframe(const mjModel *m, mjData *d, int key) {
    (void)m; (void)d; (void)key; never();
}
void mj_setConst(mjModel *m, mjData *d) { (void)m; (void)d; never(); }
int mj_name2id(const mjModel *m, int type, const char *name) {
    (void)m; (void)type; (void)name; never(); return -1;
}
const char *mj_id2name(const mjModel *m, int type, int id) {
    (void)m; (void)type; (void)id; never(); return 0;
}
