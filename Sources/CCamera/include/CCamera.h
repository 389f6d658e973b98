#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A GStreamer pipeline that ends in pictures: what Swift cannot import are GStreamer's macros.
//
// Every function may be called from one thread at a time. Strings are UTF-8 and end in zero.

typedef struct sacbot_camera sacbot_camera;

// One picture: rows of red, green and blue bytes, `stride` bytes from row to row.
typedef struct {
    const uint8_t *pixels;
    int width;
    int height;
    int stride;
    // When it was taken, CLOCK_MONOTONIC in nanoseconds; -1 if the stream does not say.
    int64_t taken;
} sacbot_picture;

typedef enum {
    sacbot_camera_picture,
    // Nothing came in time.
    sacbot_camera_nothing,
    // The stream has ended or broken; `message` says how.
    sacbot_camera_over,
} sacbot_camera_event;

// Builds `pipeline` with an end that keeps the newest RGB picture only, and starts it. Returns NULL
// and a sentence in `message` if it cannot be built or started within `seconds`.
sacbot_camera *sacbot_camera_open(const char *pipeline, double seconds, char *message, size_t room);

// Waits for a picture no longer than `seconds`. A picture is there until `sacbot_camera_release`.
sacbot_camera_event sacbot_camera_wait(sacbot_camera *camera, double seconds,
                                       sacbot_picture *picture, char *message, size_t room);

// Gives the picture of the last `sacbot_camera_wait` back.
void sacbot_camera_release(sacbot_camera *camera);

// Whether pictures come when they are taken, rather than as fast as a file can be played.
bool sacbot_camera_is_live(const sacbot_camera *camera);

// Stops the stream and frees everything.
void sacbot_camera_close(sacbot_camera *camera);
