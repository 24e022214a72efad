# libsightline_image: image.c over libvips.
