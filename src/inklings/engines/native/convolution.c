/* Convolution of one image, as a product of the patches under a kernel with the kernel's weights, without im2col: the
   patches are not copied out.

   x (height, width, channels), kernels (kernel_height, kernel_width, channels, filters) packed as a matrix
   (kernel_height * kernel_width * channels, filters), y (out_height, out_width, filters).

   In an image with its padding around it, one row of a patch, kernel_width * channels numbers, is contiguous, and the next
   pixel's patch begins stride_x * channels further on. So a MatrixView describes the patches in place, and the product
   reads the image itself, which stays in the first-level cache. One thread does all of a layer's work on an image.

   Where it takes fewer multiplications, Winograd's algorithm is used instead (winograd.h). */
#include "layers.h"
#include "winograd.h"

/* An image with padding: its size, and where a pixel (y, x) of what is copied into it goes: to row top + y * stride_y and
   column left + x * stride_x. The rest is zero. */
typedef struct {
    int64_t height, width, channels;
    int64_t top, left, stride_y, stride_x;
} PaddedImage;

/* Winograd computes whole tiles of outputs, and so reads inputs for all of a tile, also where it reaches over the edge. */
static int64_t whole_tiles(const Layer *l, int64_t outputs) {
    if (!uses_winograd(l)) return outputs;
    return ceil_div(outputs, winograd_tile(l)) * winograd_tile(l);
}

static PaddedImage padded_inputs(const Layer *l) {
    return (PaddedImage){(whole_tiles(l, l->out_height) - 1) * l->stride_y + l->kernel_height,
                         (whole_tiles(l, l->out_width) - 1) * l->stride_x + l->kernel_width,
                         l->channels,
                         l->pad_top,
                         l->pad_left,
                         1,
                         1};
}

/* The outputs' gradients, for the convolution with the flipped kernels that makes dx of them: as far apart as the
   strides, with zeros in between, and padded by what the kernel reached over the edges. */
static PaddedImage padded_gradients(const Layer *l) {
    return (PaddedImage){whole_tiles(l, l->height) + l->kernel_height - 1,
                         whole_tiles(l, l->width) + l->kernel_width - 1,
                         l->out_channels,
                         l->kernel_height - 1 - l->pad_top,
                         l->kernel_width - 1 - l->pad_left,
                         l->stride_y,
                         l->stride_x};
}

int64_t padded_size(const Layer *l) {
    PaddedImage x = padded_inputs(l), dy = padded_gradients(l);
    return maximum(x.height * x.width * x.channels, dy.height * dy.width * dy.channels);
}

static void clear(real *from, int64_t count) {
    if (count > 0) memset(from, 0, (size_t)count * sizeof *from);
}

/* Copy an image's row into a row of its padding; what falls outside is left out: no kernel reaches it. */
static void pad_row(PaddedImage p, const real *from, int64_t columns, real *line) {
    if (p.stride_x == 1) { /* in one piece, and zeros on either side of it */
        int64_t before = minimum(maximum(0, p.left), p.width), first = before - p.left;
        int64_t some = maximum(0, minimum(columns - first, p.width - before));
        clear(line, before * p.channels);
        memcpy(line + before * p.channels, from + first * p.channels, (size_t)(some * p.channels) * sizeof *line);
        clear(line + (before + some) * p.channels, (p.width - before - some) * p.channels);
        return;
    }
    clear(line, p.width * p.channels);
    for (int64_t column = 0; column < columns; column++) {
        int64_t x = p.left + column * p.stride_x;
        if (x >= 0 && x < p.width)
            memcpy(line + x * p.channels, from + column * p.channels, (size_t)p.channels * sizeof *line);
    }
}

/* Copy an image into its padding. */
static void pad_image(PaddedImage p, const real *image, int64_t rows, int64_t columns, real *to) {
    int64_t size = p.width * p.channels, done = 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t y = p.top + row * p.stride_y;
        if (y < 0 || y >= p.height) continue;
        clear(to + done * size, (y - done) * size);
        pad_row(p, image + row * columns * p.channels, columns, to + y * size);
        done = y + 1;
    }
    clear(to + done * size, (p.height - done) * size);
}

/* A convolution as matrix products: what `direct_conv` slides over a padded image. */
typedef struct {
    int64_t kernel_height, kernel_width, stride_y, stride_x;
    int64_t out_height, out_width, filters;
} Window;

/* y (out_height, out_width, filters): for each panel of kernels, one row of outputs after the other. */
static void direct_conv(const real *padded, PaddedImage p, Window v, const real *kernels, const real *biases, real *y) {
    int64_t line = p.width * p.channels, run = v.kernel_width * p.channels, depth = v.kernel_height * run;
    for (int64_t column = 0; column < v.filters; column += PANEL_COLUMNS) {
        AccumulatorInit init = {biases ? biases + column : 0, 0};
        for (int64_t row = 0; row < v.out_height; row++) {
            MatrixView patches = {
                padded + row * v.stride_y * line, v.stride_x * p.channels, 1, run, line, v.kernel_height};
            gemm_panel(v.out_width, minimum(v.filters - column, PANEL_COLUMNS), patches,
                       kernels + panel_offset(depth, column), panel_width(v.filters, column), init,
                       y + row * v.out_width * v.filters + column, v.filters);
        }
    }
}

/* Convolve padded images by Winograd's algorithm, as many at once as make a product worth while. */
static void winograd_all(const Layer *l, WinogradShape s, PaddedImage p, int64_t rows, int64_t columns,
                         const real *kernels, const real *biases, const real *x, real *y, Scratch *scratch) {
    int64_t from = rows * columns * p.channels, to = s.out_height * s.out_width * s.filters;
    for (int64_t done = 0, images = s.images; done < images; done += s.images) {
        s.images = minimum(winograd_images(l), images - done);
        for (int64_t i = 0; i < s.images; i++) {
            pad_image(p, x + (done + i) * from, rows, columns, scratch->padded);
            winograd_transform_image(s, i, scratch->padded, scratch->transformed);
        }
        winograd_multiply(s, kernels, scratch->transformed);
        for (int64_t i = 0; i < s.images; i++)
            winograd_outputs(s, i, biases, y + (done + i) * to, scratch->transformed);
    }
}

static WinogradShape forward_shape(const Layer *l, PaddedImage p, int64_t images) {
    return (WinogradShape){l->kernel_height, winograd_points(l), images,         p.width,
                           l->channels,      l->out_height,      l->out_width, l->out_channels};
}

void conv_forward(const Layer *l, const real *kernels, const real *biases, const real *x, real *y, int64_t images,
                  Scratch *scratch) {
    PaddedImage p = padded_inputs(l);
    if (uses_winograd(l)) {
        winograd_all(l, forward_shape(l, p, images), p, l->height, l->width, kernels, biases, x, y, scratch);
    } else {
        Window v = {l->kernel_height, l->kernel_width, l->stride_y,    l->stride_x,
                    l->out_height,    l->out_width,    l->out_channels};
        for (int64_t i = 0; i < images; i++) {
            pad_image(p, x + i * input_size(l), l->height, l->width, scratch->padded);
            direct_conv(scratch->padded, p, v, kernels, biases, y + i * output_size(l));
        }
    }
    activation_forward(l->activation, y, images * output_size(l), l->out_channels);
}

/* Add to the gradient by the kernels, packed as they are: for each row of the kernel, the inputs under it times dy, a
   product over all pixels. */
static void add_kernel_gradient(const Layer *l, const real *padded, PaddedImage p, const real *dy, real *dkernels) {
    int64_t line = p.width * p.channels, run = l->kernel_width * p.channels, filters = l->out_channels;
    for (int64_t column = 0; column < filters; column += PANEL_COLUMNS) {
        int64_t width = panel_width(filters, column);
        for (int64_t ky = 0; ky < l->kernel_height; ky++) {
            MatrixView a = {padded + ky * line, 1, l->stride_x * p.channels, l->out_width, l->stride_y * line,
                            l->out_height};
            real *to = dkernels + panel_offset(patch_size(l), column) + ky * run * width;
            gemm_panel(run, minimum(filters - column, PANEL_COLUMNS), a, dy + column, filters,
                       (AccumulatorInit){to, width}, to, width);
        }
    }
}

/* The same by the transformed kernels. */
static void add_winograd_gradient(const Layer *l, WinogradShape s, PaddedImage p, const real *x, const real *dy,
                                  real *dkernels, Scratch *scratch) {
    for (int64_t done = 0, images = s.images; done < images; done += s.images) {
        s.images = minimum(winograd_images(l), images - done);
        for (int64_t i = 0; i < s.images; i++) {
            pad_image(p, x + (done + i) * input_size(l), l->height, l->width, scratch->padded);
            winograd_transform_image(s, i, scratch->padded, scratch->transformed);
            winograd_transform_gradient(s, i, dy + (done + i) * output_size(l), scratch->transformed);
        }
        winograd_add_kernel_gradient(s, dkernels, scratch->transformed);
    }
}

/* dx: a convolution of dy with the flipped kernels, of stride 1, whatever the layer's own. */
static void input_gradient(const Layer *l, const real *dy, const real *flipped, real *dx, int64_t images,
                           Scratch *scratch) {
    PaddedImage p = padded_gradients(l);
    if (uses_winograd(l)) {
        WinogradShape s = {l->kernel_height, winograd_points(l), images,   p.width,
                           l->out_channels,  l->height,          l->width, l->channels};
        winograd_all(l, s, p, l->out_height, l->out_width, flipped, 0, dy, dx, scratch);
        return;
    }
    Window v = {l->kernel_height, l->kernel_width, 1, 1, l->height, l->width, l->channels};
    for (int64_t i = 0; i < images; i++) {
        pad_image(p, dy + i * output_size(l), l->out_height, l->out_width, scratch->padded);
        direct_conv(scratch->padded, p, v, flipped, 0, dx + i * input_size(l));
    }
}

void conv_backward(const Layer *l, const real *x, const real *y, real *dy, real *dx, real *dkernels, real *dbiases,
                   const real *flipped, int64_t images, Scratch *scratch) {
    int64_t filters = l->out_channels, values = images * output_size(l);
    activation_backward(l->activation, y, dy, values);
    for (int64_t pixel = 0; pixel < values; pixel += filters)
        for (int64_t i = 0; i < filters; i++) dbiases[i] += dy[pixel + i];
    PaddedImage p = padded_inputs(l);
    if (uses_winograd(l)) {
        add_winograd_gradient(l, forward_shape(l, p, images), p, x, dy, dkernels, scratch);
    } else {
        for (int64_t i = 0; i < images; i++) {
            pad_image(p, x + i * input_size(l), l->height, l->width, scratch->padded);
            add_kernel_gradient(l, scratch->padded, p, dy + i * output_size(l), dkernels);
        }
    }
    if (dx) input_gradient(l, dy, flipped, dx, images, scratch);
}

void flip_kernels(const Layer *l, const real *weights, int64_t channel, real *to) {
    int64_t places = (int64_t)l->kernel_height * l->kernel_width, channels = l->channels, filters = l->out_channels;
    int64_t width = panel_width(channels, channel), some = minimum(channels - channel, PANEL_COLUMNS);
    real *panel = to + panel_offset(places * filters, channel);
    memset(panel, 0, (size_t)(width * places * filters) * sizeof *to);
    for (int64_t place = 0; place < places; place++)
        for (int64_t filter = 0; filter < filters; filter++) {
            int64_t from_panel = filter / PANEL_COLUMNS * PANEL_COLUMNS, from_width = panel_width(filters, from_panel);
            const real *from = weights + panel_offset(places * channels, from_panel) + filter - from_panel;
            real *row = panel + ((places - 1 - place) * filters + filter) * width;
            for (int64_t i = 0; i < some; i++) row[i] = from[(place * channels + channel + i) * from_width];
        }
}
