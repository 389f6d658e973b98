#include "CCamera.h"
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

struct sacbot_camera {
    GstElement *pipeline;
    GstElement *sink;
    GstSample *sample;
    GstMapInfo map;
    bool is_mapped;
    bool is_live;
};

static void say(char *message, size_t room, const char *text) {
    if (room > 0) snprintf(message, room, "%s", text);
}

// What the pipeline's bus says about its end. False if it says nothing of an end.
static bool ended(GstElement *pipeline, char *message, size_t room) {
    GstBus *bus = gst_element_get_bus(pipeline);
    GstMessage *found = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    gst_object_unref(bus);
    if (found == NULL) return false;
    if (GST_MESSAGE_TYPE(found) == GST_MESSAGE_ERROR) {
        GError *error = NULL;
        gst_message_parse_error(found, &error, NULL);
        if (room > 0) {
            snprintf(message, room, "%s: %s", GST_OBJECT_NAME(GST_MESSAGE_SRC(found)),
                     error ? error->message : "unknown error");
        }
        g_clear_error(&error);
    } else {
        say(message, room, "the stream has come to its end");
    }
    gst_message_unref(found);
    return true;
}

// Brings the pipeline to its running state; false with a sentence if it does not get there.
static bool start(sacbot_camera *camera, double seconds, char *message, size_t room) {
    GstClockTime deadline = (GstClockTime)(seconds * GST_SECOND);
    GstStateChangeReturn result = gst_element_set_state(camera->pipeline, GST_STATE_PAUSED);
    if (result == GST_STATE_CHANGE_ASYNC) {
        result = gst_element_get_state(camera->pipeline, NULL, NULL, deadline);
    }
    camera->is_live = result == GST_STATE_CHANGE_NO_PREROLL;
    // A file is played at its own pace; a live picture is wanted the moment it is there.
    g_object_set(camera->sink, "sync", (gboolean)!camera->is_live, NULL);
    if (result == GST_STATE_CHANGE_SUCCESS || camera->is_live) {
        result = gst_element_set_state(camera->pipeline, GST_STATE_PLAYING);
        if (result == GST_STATE_CHANGE_ASYNC) {
            result = gst_element_get_state(camera->pipeline, NULL, NULL, deadline);
        }
        if (result == GST_STATE_CHANGE_SUCCESS) return true;
    }
    if (!ended(camera->pipeline, message, room)) {
        say(message, room, "it did not start in time");
    }
    return false;
}

sacbot_camera *sacbot_camera_open(const char *text, double seconds, char *message, size_t room) {
    GError *error = NULL;
    if (!gst_init_check(NULL, NULL, &error)) {
        say(message, room, error ? error->message : "GStreamer could not be initialised");
        g_clear_error(&error);
        return NULL;
    }
    // One buffer, the newest: memory is bounded and no picture waits for its turn.
    gchar *whole = g_strdup_printf(
        "%s ! videoconvert ! video/x-raw,format=RGB ! "
        "appsink name=sacbot max-buffers=1 drop=true emit-signals=false sync=false", text);
    GstElement *pipeline = gst_parse_launch_full(whole, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
    g_free(whole);
    if (pipeline == NULL) {
        say(message, room, error ? error->message : "the pipeline cannot be read");
        g_clear_error(&error);
        return NULL;
    }
    g_clear_error(&error);
    GstElement *sink =
        GST_IS_BIN(pipeline) ? gst_bin_get_by_name(GST_BIN(pipeline), "sacbot") : NULL;
    if (sink == NULL) {
        say(message, room, "the pipeline has no place for its end");
        gst_object_unref(pipeline);
        return NULL;
    }
    sacbot_camera *camera = g_new0(sacbot_camera, 1);
    camera->pipeline = pipeline;
    camera->sink = sink;
    // The system's clock is CLOCK_MONOTONIC, which the control thread reads too.
    GstClock *clock = gst_system_clock_obtain();
    gst_pipeline_use_clock(GST_PIPELINE(pipeline), clock);
    gst_object_unref(clock);
    if (!start(camera, seconds, message, room)) {
        sacbot_camera_close(camera);
        return NULL;
    }
    return camera;
}

// When the picture was taken: its time in the stream, put on the clock's scale.
static int64_t taken(sacbot_camera *camera, GstBuffer *buffer) {
    GstSegment *segment = gst_sample_get_segment(camera->sample);
    GstClockTime base = gst_element_get_base_time(camera->pipeline);
    GstClockTime stamp = GST_BUFFER_PTS(buffer);
    if (!GST_CLOCK_TIME_IS_VALID(stamp) || !GST_CLOCK_TIME_IS_VALID(base) || segment == NULL
        || segment->format != GST_FORMAT_TIME) {
        return -1;
    }
    GstClockTime running = gst_segment_to_running_time(segment, GST_FORMAT_TIME, stamp);
    return GST_CLOCK_TIME_IS_VALID(running) ? (int64_t)(base + running) : -1;
}

static bool look(sacbot_camera *camera, sacbot_picture *picture) {
    GstCaps *caps = gst_sample_get_caps(camera->sample);
    GstBuffer *buffer = gst_sample_get_buffer(camera->sample);
    if (caps == NULL || buffer == NULL) return false;
    GstStructure *form = gst_caps_get_structure(caps, 0);
    if (!gst_structure_get_int(form, "width", &picture->width)
        || !gst_structure_get_int(form, "height", &picture->height) || picture->width <= 0
        || picture->height <= 0) {
        return false;
    }
    if (!gst_buffer_map(buffer, &camera->map, GST_MAP_READ)) return false;
    camera->is_mapped = true;
    // GStreamer begins every row of RGB at a multiple of four bytes.
    picture->stride = GST_ROUND_UP_4(picture->width * 3);
    picture->pixels = camera->map.data;
    picture->taken = taken(camera, buffer);
    size_t least = (size_t)picture->stride * (picture->height - 1) + (size_t)picture->width * 3;
    return camera->map.size >= least;
}

sacbot_camera_event sacbot_camera_wait(sacbot_camera *camera, double seconds,
                                       sacbot_picture *picture, char *message, size_t room) {
    GstClockTime patience = (GstClockTime)(seconds * GST_SECOND);
    sacbot_camera_release(camera);
    camera->sample = gst_app_sink_try_pull_sample(GST_APP_SINK(camera->sink), patience);
    if (camera->sample != NULL) {
        if (look(camera, picture)) return sacbot_camera_picture;
        sacbot_camera_release(camera);
        say(message, room, "a picture has another form than its stream says");
        return sacbot_camera_over;
    }
    if (ended(camera->pipeline, message, room)) return sacbot_camera_over;
    if (gst_app_sink_is_eos(GST_APP_SINK(camera->sink))) {
        say(message, room, "the stream has come to its end");
        return sacbot_camera_over;
    }
    return sacbot_camera_nothing;
}

void sacbot_camera_release(sacbot_camera *camera) {
    if (camera->sample == NULL) return;
    if (camera->is_mapped) gst_buffer_unmap(gst_sample_get_buffer(camera->sample), &camera->map);
    camera->is_mapped = false;
    gst_sample_unref(camera->sample);
    camera->sample = NULL;
}

bool sacbot_camera_is_live(const sacbot_camera *camera) { return camera->is_live; }

void sacbot_camera_close(sacbot_camera *camera) {
    sacbot_camera_release(camera);
    gst_element_set_state(camera->pipeline, GST_STATE_NULL);
    gst_object_unref(camera->sink);
    gst_object_unref(camera->pipeline);
    g_free(camera);
}
