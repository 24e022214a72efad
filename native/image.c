/*
 * libsightline_image: a C ABI over libvips for decoding untrusted pictures, encoding our own, and drawing text.
 *
 * Every call that can fail returns a status and, on failure, an error text that the caller frees with sightline_image_free; results go
 * to out-parameters; no VIPS type is in a signature. libvips keeps its error text per process, so two calls that fail in the same
 * instant may report both texts: callers decide by the status, never by the text.
 *
 * Pixels are read strip by strip on the caller's thread. libvips starts no worker of its own here: the caller's decode threads are the
 * parallelism.
 */
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <vips/vips.h>

#define EXPORT __attribute__((visibility("default")))

/* Rows read at a time: a multiple of what the loaders' line caches hold. */
#define STRIP_ROWS 16

enum status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_NO_LOADER = 2 };

/* The formats that are tried at all; the caller tells them apart by their first bytes. The numbers are NativeFormat's. */
enum format { FORMAT_JPEG = 0, FORMAT_PNG = 1, FORMAT_WEBP = 2, FORMAT_GIF = 3, FORMAT_TIFF = 4, FORMAT_HEIF = 5, FORMAT_AVIF = 6 };

/* Size as stored in the file (after shrinking on load), before the EXIF orientation is applied. */
typedef struct sightline_image_header {
    int32_t width;
    int32_t height;
    int32_t orientation;
} sightline_image_header;

static int32_t fail(char **error, enum status status)
{
    *error = vips_error_buffer_copy();
    return status;
}

EXPORT void sightline_image_free(void *memory)
{
    g_free(memory);
}

/* Faults are told through statuses; what libvips says besides would run through the progress on the terminal. */
static void ignore_log(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data)
{
    (void) domain;
    (void) level;
    (void) message;
    (void) data;
}

/* Call once, before anything else. */
EXPORT int32_t sightline_image_start(char **error)
{
    *error = NULL;
    if (VIPS_INIT("sightline")) {
        return fail(error, STATUS_FAILED);
    }
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO, ignore_log, NULL);
    vips_block_untrusted_set(TRUE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    return STATUS_OK;
}

static const char *loader_of(int32_t format)
{
    switch (format) {
    case FORMAT_JPEG: return "jpegload_buffer";
    case FORMAT_PNG: return "pngload_buffer";
    case FORMAT_WEBP: return "webpload_buffer";
    case FORMAT_GIF: return "gifload_buffer";
    case FORMAT_TIFF: return "tiffload_buffer";
    case FORMAT_HEIF:
    case FORMAT_AVIF: return "heifload_buffer";
    default: return NULL;
    }
}

/* JPEG shrinks by 2, 4 or 8 in its inverse DCT, WebP by any factor; the other loaders take no factor. */
static VipsImage *load(const char *loader, int32_t format, VipsBlob *blob, int32_t shrink)
{
    VipsImage *image = NULL;
    int failed;
    if (format == FORMAT_JPEG) {
        failed = vips_call(loader, blob, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, "shrink", shrink, NULL);
    } else if (format == FORMAT_WEBP) {
        failed = vips_call(loader, blob, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
            "scale", 1.0 / shrink, NULL);
    } else {
        failed = vips_call(loader, blob, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, NULL);
    }
    return failed ? NULL : image;
}

/*
 * Opens a file held in memory, which must stay where it is until sightline_image_close. Reads the header only. Multi-page files give
 * their first page. STATUS_NO_LOADER: this libvips was built without the format.
 */
EXPORT int32_t sightline_image_open(
    const uint8_t *file, int64_t length, int32_t format, int32_t shrink, void **image, sightline_image_header *header, char **error)
{
    *image = NULL;
    *error = NULL;
    const char *loader = loader_of(format);
    if (loader == NULL || vips_type_find("VipsOperation", loader) == 0) {
        return STATUS_NO_LOADER;
    }
    VipsBlob *blob = vips_blob_new(NULL, file, (size_t) length);
    VipsImage *opened = load(loader, format, blob, shrink);
    vips_area_unref(VIPS_AREA(blob));
    if (opened == NULL) {
        return fail(error, STATUS_FAILED);
    }
    header->width = vips_image_get_width(opened);
    header->height = vips_image_get_height(opened);
    header->orientation = vips_image_get_orientation(opened);
    *image = opened;
    return STATUS_OK;
}

EXPORT void sightline_image_close(void *image)
{
    g_object_unref(image);
}

/* The EXIF block of the file, owned by the image; length 0 where there is none. */
EXPORT void sightline_image_exif(void *image, const uint8_t **exif, int64_t *length)
{
    const void *data = NULL;
    size_t size = 0;
    *exif = NULL;
    *length = 0;
    if (vips_image_get_typeof(image, VIPS_META_EXIF_NAME) != 0 && vips_image_get_blob(image, VIPS_META_EXIF_NAME, &data, &size) == 0) {
        *exif = data;
        *length = (int64_t) size;
    }
}

/*
 * To 8 bits as Pillow's convert("RGB") does: 16 bits keep their high byte, wider numbers are clipped, and colour profiles are not
 * applied. Spaces that Pillow does not convert (Lab, XYZ, ...) go to sRGB.
 */
static VipsImage *to_eight_bits(VipsImage *image)
{
    VipsImage *out = NULL;
    VipsInterpretation space = vips_image_get_interpretation(image);
    int plain = space == VIPS_INTERPRETATION_MULTIBAND || space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_GREY16
        || space == VIPS_INTERPRETATION_RGB || space == VIPS_INTERPRETATION_RGB16 || space == VIPS_INTERPRETATION_sRGB
        || space == VIPS_INTERPRETATION_CMYK;
    if (!plain) {
        return vips_colourspace(image, &out, VIPS_INTERPRETATION_sRGB, NULL) ? NULL : out;
    }
    if (vips_image_get_format(image) == VIPS_FORMAT_UCHAR) {
        g_object_ref(image);
        return image;
    }
    int sixteen = vips_image_get_format(image) == VIPS_FORMAT_USHORT;
    return vips_cast(image, &out, VIPS_FORMAT_UCHAR, "shift", sixteen, NULL) ? NULL : out;
}

static uint8_t multiply_255(int a, int b)
{
    int product = a * b + 128;
    return (uint8_t) ((product + (product >> 8)) >> 8);
}

/* What lies behind a picture with alpha, 0xRRGGBB; a negative one: alpha is dropped, not blended. */
#define NO_BACKGROUND (-1)

static uint8_t over(int value, int behind, int alpha)
{
    return multiply_255(value, alpha) + multiply_255(behind, 255 - alpha);
}

/* One row with alpha in its last band, blended over a colour. */
static void row_over(const VipsPel *row, int width, int bands, int32_t background, uint8_t *rgb)
{
    for (int x = 0; x < width; x++, row += bands, rgb += 3) {
        int alpha = row[bands - 1];
        for (int c = 0; c < 3; c++) {
            rgb[c] = over(bands < 3 ? row[0] : row[c], background >> (16 - 8 * c) & 255, alpha);
        }
    }
}

/* One row of any supported layout to RGB, without its alpha; CMYK is Pillow's formula. */
static void row_to_rgb(const VipsPel *row, int width, int bands, int cmyk, uint8_t *rgb)
{
    if (bands == 3) {
        memcpy(rgb, row, (size_t) width * 3);
        return;
    }
    for (int x = 0; x < width; x++, row += bands, rgb += 3) {
        if (cmyk) {
            int white = 255 - row[3];
            rgb[0] = (uint8_t) (white - multiply_255(row[0], white));
            rgb[1] = (uint8_t) (white - multiply_255(row[1], white));
            rgb[2] = (uint8_t) (white - multiply_255(row[2], white));
        } else if (bands < 3) {
            rgb[0] = rgb[1] = rgb[2] = row[0];
        } else {
            rgb[0] = row[0];
            rgb[1] = row[1];
            rgb[2] = row[2];
        }
    }
}

/* Where pixel (x, y) of the stored picture goes in the upright one: origin + x * step_x + y * step_y, in bytes. */
typedef struct placement {
    int64_t origin;
    int64_t step_x;
    int64_t step_y;
} placement;

static placement place(int32_t orientation, int64_t width, int64_t height)
{
    int turned = orientation >= 5;
    int mirror_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    int mirror_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    placement p;
    p.step_x = turned ? height * 3 : 3;
    p.step_y = turned ? 3 : width * 3;
    p.origin = (mirror_x ? (width - 1) * p.step_x : 0) + (mirror_y ? (height - 1) * p.step_y : 0);
    p.step_x = mirror_x ? -p.step_x : p.step_x;
    p.step_y = mirror_y ? -p.step_y : p.step_y;
    return p;
}

static void store_row(const uint8_t *row, int width, int64_t step_x, uint8_t *to)
{
    if (step_x == 3) {
        memcpy(to, row, (size_t) width * 3);
        return;
    }
    for (int x = 0; x < width; x++, row += 3, to += step_x) {
        to[0] = row[0];
        to[1] = row[1];
        to[2] = row[2];
    }
}

static int read_strips(
    VipsImage *image, VipsRegion *region, placement p, int32_t background, uint8_t *scratch, uint8_t *rgb, int32_t *rows_read)
{
    int width = vips_image_get_width(image);
    int height = vips_image_get_height(image);
    int bands = vips_image_get_bands(image);
    int cmyk = vips_image_get_interpretation(image) == VIPS_INTERPRETATION_CMYK && bands >= 4;
    int blends = background != NO_BACKGROUND && !cmyk && (bands == 2 || bands == 4);
    for (int top = 0; top < height; top += STRIP_ROWS) {
        VipsRect strip = { 0, top, width, VIPS_MIN(STRIP_ROWS, height - top) };
        if (vips_region_prepare(region, &strip)) {
            return -1;
        }
        for (int y = top; y < top + strip.height; y++) {
            const VipsPel *row = VIPS_REGION_ADDR(region, 0, y);
            if (blends) {
                row_over(row, width, bands, background, scratch);
            } else {
                row_to_rgb(row, width, bands, cmyk, scratch);
            }
            store_row(scratch, width, p.step_x, rgb + p.origin + y * p.step_y);
        }
        *rows_read = top + strip.height;
    }
    return 0;
}

/*
 * Decodes into rgb (width x height x 3 bytes of the header), turned upright by the orientation (1 to 8). What shows alpha is
 * blended over the background, 0xRRGGBB, unless that is -1. rows_read says how far a failed read came. An image can be read once.
 */
EXPORT int32_t sightline_image_read(
    void *image, int32_t orientation, int32_t background, uint8_t *rgb, int32_t *rows_read, char **error)
{
    *rows_read = 0;
    *error = NULL;
    VipsImage *eight = to_eight_bits(image);
    if (eight == NULL) {
        return fail(error, STATUS_FAILED);
    }
    int width = vips_image_get_width(eight);
    VipsRegion *region = vips_region_new(eight);
    uint8_t *scratch = g_try_malloc((size_t) width * 3);
    int failed = scratch == NULL
        || read_strips(eight, region, place(orientation, width, vips_image_get_height(eight)), background, scratch, rgb,
            rows_read);
    g_free(scratch);
    g_object_unref(region);
    g_object_unref(eight);
    return failed ? fail(error, STATUS_FAILED) : STATUS_OK;
}

static int save(VipsImage *image, int32_t format, int32_t quality, int32_t effort, void **file, size_t *length)
{
    switch (format) {
    case FORMAT_JPEG:
        return vips_jpegsave_buffer(image, file, length, "Q", quality, "optimize_coding", TRUE, "strip", TRUE, NULL);
    case FORMAT_PNG:
        return vips_pngsave_buffer(image, file, length, "compression", effort, "strip", TRUE, NULL);
    case FORMAT_WEBP:
        return vips_webpsave_buffer(image, file, length, "Q", quality, "effort", effort, "strip", TRUE, NULL);
    case FORMAT_GIF:
        return vips_gifsave_buffer(image, file, length, NULL);
    case FORMAT_TIFF:
        return vips_tiffsave_buffer(image, file, length, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, NULL);
    case FORMAT_HEIF:
        return vips_heifsave_buffer(image, file, length, "Q", quality, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_HEVC, NULL);
    case FORMAT_AVIF:
        return vips_heifsave_buffer(image, file, length, "Q", quality, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, NULL);
    default:
        vips_error("sightline", "there is no format %d", format);
        return -1;
    }
}

/* Encodes RGB pixels. Quality is 1 to 100; effort is 0 to 6 for WebP, 0 to 9 for PNG. The caller frees the file. */
EXPORT int32_t sightline_image_encode(
    const uint8_t *rgb, int32_t width, int32_t height, int32_t format, int32_t quality, int32_t effort, uint8_t **file, int64_t *length,
    char **error)
{
    void *encoded = NULL;
    size_t size = 0;
    *error = NULL;
    VipsImage *bare = vips_image_new_from_memory(rgb, (size_t) width * height * 3, width, height, 3, VIPS_FORMAT_UCHAR);
    if (bare == NULL) {
        return fail(error, STATUS_FAILED);
    }
    VipsImage *image = NULL;
    int failed = vips_copy(bare, &image, "interpretation", VIPS_INTERPRETATION_sRGB, NULL)
        || save(image, format, quality, effort, &encoded, &size);
    g_object_unref(bare);
    if (image != NULL) {
        g_object_unref(image);
    }
    *file = encoded;
    *length = (int64_t) size;
    return failed ? fail(error, STATUS_FAILED) : STATUS_OK;
}

/*
 * Draws text in a font such as "Noto Color Emoji 96" (96 pixels to the em) as straight RGBA, cropped to its ink. The caller frees the
 * pixels.
 */
EXPORT int32_t sightline_image_draw_text(
    const char *text, const char *font, uint8_t **rgba, int32_t *width, int32_t *height, char **error)
{
    VipsImage *image = NULL;
    size_t size = 0;
    *rgba = NULL;
    *error = NULL;
    if (vips_text(&image, text, "font", font, "rgba", TRUE, "dpi", 72, NULL)) {
        return fail(error, STATUS_FAILED);
    }
    *width = vips_image_get_width(image);
    *height = vips_image_get_height(image);
    *rgba = vips_image_write_to_memory(image, &size);
    g_object_unref(image);
    return *rgba == NULL ? fail(error, STATUS_FAILED) : STATUS_OK;
}
