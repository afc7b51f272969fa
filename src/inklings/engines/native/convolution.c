/* Convolution as a product of the patches under a kernel with the kernel's weights, without laying the patches out.

   In an image with its border around it, a row of a patch lies in one piece, and the next pixel's patch begins a pixel
   further on: a product's tile finds its factors in the image itself, which stays in the first cache. All of a layer's
   work on one image is done by one thread. */
#include "layers.h"
#include "minimal.h"

/* An image with a border: its size, and where rows and columns of what is laid into it go. */
typedef struct {
    int64_t height, width, channels;
    int64_t top, left, down, across;
} frame;

/* Outputs that are computed together need a frame for all of them, also where some lie beyond the end. */
static int64_t rounded(const layer *l, int64_t outputs) {
    if (!is_minimal(l)) return outputs;
    return parts_of(outputs, minimal_step(l)) * minimal_step(l);
}

static frame around_inputs(const layer *l) {
    return (frame){(rounded(l, l->rows) - 1) * l->down + l->kernel_height,
                   (rounded(l, l->columns) - 1) * l->across + l->kernel_width,
                   l->channels,
                   l->top,
                   l->left,
                   1,
                   1};
}

/* Outputs' gradients, as far apart as the strides, and so far from the border that a kernel that is turned round finds
   under it what its place had to do with. */
static frame around_outputs(const layer *l) {
    return (frame){rounded(l, l->height) + l->kernel_height - 1,
                   rounded(l, l->width) + l->kernel_width - 1,
                   l->filters,
                   l->kernel_height - 1 - l->top,
                   l->kernel_width - 1 - l->left,
                   l->down,
                   l->across};
}

int64_t framed_size(const layer *l) {
    frame one = around_inputs(l), other = around_outputs(l);
    int64_t inputs = one.height * one.width * one.channels, outputs = other.height * other.width * other.channels;
    return inputs > outputs ? inputs : outputs;
}

/* Lay an image into a frame. What the frame leaves no room for, no kernel reaches. */
static void lay_in(frame f, const real *image, int64_t rows, int64_t columns, real *to) {
    memset(to, 0, (size_t)(f.height * f.width * f.channels) * sizeof *to);
    for (int64_t row = 0; row < rows; row++) {
        int64_t at_row = f.top + row * f.down;
        if (at_row < 0 || at_row >= f.height) continue;
        const real *from = image + row * columns * f.channels;
        real *line = to + at_row * f.width * f.channels;
        if (f.across == 1) {
            int64_t first = f.left < 0 ? -f.left : 0, last = smaller(columns, f.width - f.left);
            if (last > first)
                memcpy(line + (f.left + first) * f.channels, from + first * f.channels,
                       (size_t)((last - first) * f.channels) * sizeof *to);
            continue;
        }
        for (int64_t column = 0; column < columns; column++) {
            int64_t at = f.left + column * f.across;
            if (at >= 0 && at < f.width)
                memcpy(line + at * f.channels, from + column * f.channels, (size_t)f.channels * sizeof *to);
        }
    }
}

/* Slide kernels, in panels, over an image in its frame: one row of outputs after the other. */
static void slide(const real *framed, frame f, int64_t kernel_height, int64_t kernel_width, int64_t down, int64_t across, int64_t rows,
                  int64_t columns, int64_t filters, const real *panels, const real *biases, real *y) {
    int64_t line = f.width * f.channels, depth = kernel_width * f.channels, all = kernel_height * depth;
    for (int64_t column = 0; column < filters; column += PANEL) {
        beginning begin = {biases ? biases + column : 0, 0};
        for (int64_t row = 0; row < rows; row++) {
            source a = {framed + row * down * line, across * f.channels, 1, depth, line, kernel_height};
            multiply_panel(columns, smaller(filters - column, PANEL), a, panels + panel_place(all, column),
                           panel_width(filters, column), begin, y + row * columns * filters + column, filters);
        }
    }
}

void convolve(const layer *l, const real *kernels, const real *biases, const real *x, real *y, desk *d) {
    frame f = around_inputs(l);
    lay_in(f, x, l->height, l->width, d->framed);
    if (is_minimal(l))
        slide_minimal(l->kernel_height, d->framed, f.width, l->channels, l->rows, l->columns, l->filters, kernels, biases,
                      y, d->values);
    else
        slide(d->framed, f, l->kernel_height, l->kernel_width, l->down, l->across, l->rows, l->columns, l->filters,
              kernels, biases, y);
    activate(l->activation, y, output_size(l), l->filters);
}

/* Add to the gradient by the weights, which lies in panels too: for each row of the kernel, the values under it from
   pixel to pixel, times the gradients there. */
static void add_weights(const layer *l, const real *framed, frame f, const real *dy, real *dweights) {
    int64_t line = f.width * f.channels, row_size = l->kernel_width * f.channels, filters = l->filters;
    for (int64_t column = 0; column < filters; column += PANEL) {
        int64_t width = panel_width(filters, column);
        for (int64_t row = 0; row < l->kernel_height; row++) {
            source a = {framed + row * line, 1, l->across * f.channels, l->columns, l->down * line, l->rows};
            real *to = dweights + panel_place(patch_size(l), column) + row * row_size * width;
            multiply_panel(row_size, smaller(filters - column, PANEL), a, dy + column, filters,
                           (beginning){to, width}, to, width);
        }
    }
}

void convolve_back(const layer *l, const real *x, const real *y, real *dy, real *dx, real *dkernels, real *dbiases,
                   const real *turned, desk *d) {
    int64_t pixels = (int64_t)l->rows * l->columns, filters = l->filters;
    activate_back(l->activation, y, dy, pixels * filters);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t i = 0; i < filters; i++) dbiases[i] += dy[pixel * filters + i];
    frame f = around_inputs(l);
    lay_in(f, x, l->height, l->width, d->framed);
    if (is_minimal(l))
        add_kernels(l->kernel_height, d->framed, f.width, l->channels, l->rows, l->columns, filters, dy, dkernels,
                    d->values);
    else
        add_weights(l, d->framed, f, dy, dkernels);
    if (!dx) return;
    f = around_outputs(l);
    lay_in(f, dy, l->rows, l->columns, d->framed);
    if (is_minimal(l))
        slide_minimal(l->kernel_height, d->framed, f.width, filters, l->height, l->width, l->channels, turned, 0, dx,
                      d->values);
    else
        slide(d->framed, f, l->kernel_height, l->kernel_width, 1, 1, l->height, l->width, l->channels, turned, 0, dx);
}

/* Turn kernels round and exchange channels and filters, for one panel of the result. */
void turn_kernels(const layer *l, const real *weights, int64_t channel, real *to) {
    int64_t places = (int64_t)l->kernel_height * l->kernel_width, channels = l->channels, filters = l->filters;
    int64_t width = panel_width(channels, channel), some = smaller(channels - channel, PANEL);
    real *panel = to + panel_place(places * filters, channel);
    memset(panel, 0, (size_t)(width * places * filters) * sizeof *to);
    for (int64_t place = 0; place < places; place++)
        for (int64_t filter = 0; filter < filters; filter++) {
            int64_t from_panel = filter / PANEL * PANEL, from_width = panel_width(filters, from_panel);
            const real *from = weights + panel_place(places * channels, from_panel) + filter - from_panel;
            real *row = panel + ((places - 1 - place) * filters + filter) * width;
            for (int64_t i = 0; i < some; i++) row[i] = from[(place * channels + channel + i) * from_width];
        }
}
