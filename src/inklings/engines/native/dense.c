/* A dense layer, on a whole batch: three matrix products, each shared among the threads by what its result is cut into.

   Which thread takes which panel is about the same forward and back, so weights stay in that core's cache. */
#include "layers.h"
#include "optimiser.h"
#include "product.h"
#include "threads.h"

#define HIGH (5 * ROWS) /* rows of weights whose gradients are computed together */
/* Fewer multiplications than this are over before another thread has begun and ended. */
#define WORTH_SHARING 600000
/* So many outputs at least make sums along rows quicker than exchanging rows and columns. */
#define LONG_ROWS 128

int64_t dense_values(const layer *l) {
    int64_t outputs = l->filters, turned = panels_size(smaller(outputs, LONG_ROWS), HIGH);
    int64_t gradients = HIGH * panel_width(outputs, 0);
    int64_t most = turned > gradients ? turned : gradients;
    return most > outputs ? most : outputs;
}

typedef struct {
    workspace *w;
    const layer *l;
    const real *parameters, *weights, *x;
    real *y, *dy, *dx;
    int64_t images, inputs, outputs;
    int by_panels;
    update *u;
} job;

static job describe(const workspace *w, int number, const real *parameters, int64_t images) {
    const layer *l = &w->layers[number];
    return (job){.w = (workspace *)w,
                 .l = l,
                 .parameters = parameters,
                 .weights = parameters + l->weights,
                 .x = inputs_of(w, number),
                 .y = w->traces[number].outputs,
                 .images = images,
                 .inputs = l->channels,
                 .outputs = l->filters};
}

static int threads_for(const job *j) {
    int64_t products = j->dx ? 2 : 1;
    return products * j->images * j->inputs * j->outputs < WORTH_SHARING ? 1 : j->w->threads;
}

/* y = f(x W + b), by panels where there are enough of them, else by images. */
static void forward_part(void *argument, int64_t part, int thread) {
    (void)thread;
    const job *j = argument;
    int64_t row = j->by_panels ? 0 : part * ROWS, rows = j->by_panels ? j->images : smaller(ROWS, j->images - row);
    int64_t first = j->by_panels ? part : 0, last = j->by_panels ? part + 1 : panel_count(j->outputs);
    for (int64_t column = first * PANEL; column < smaller(last * PANEL, j->outputs); column += PANEL) {
        int64_t columns = smaller(PANEL, j->outputs - column);
        source a = {j->x + row * j->inputs, j->inputs, 1, j->inputs, j->inputs, 1};
        beginning biases = {j->l->biases < 0 ? 0 : j->parameters + j->l->biases + column, 0};
        real *y = j->y + row * j->outputs + column;
        multiply_panel(rows, columns, a, j->weights + panel_place(j->inputs, column), panel_width(j->outputs, column), biases, y,
                       j->outputs);
        for (int64_t i = 0; i < rows; i++) activate(j->l->activation, y + i * j->outputs, columns, columns);
    }
}

void dense(const workspace *w, int number, const real *parameters, int64_t images) {
    job j = describe(w, number, parameters, images);
    int threads = threads_for(&j);
    j.by_panels = panel_count(j.outputs) >= threads;
    share(forward_part, &j, j.by_panels ? panel_count(j.outputs) : parts_of(images, ROWS), threads);
}

/* Some rows of weights, and some panels, or all of them. */
typedef struct {
    int64_t row, rows, first, last;
} block;

static block block_of(const job *j, int64_t part) {
    if (j->by_panels) return (block){0, j->inputs, part, part + 1};
    return (block){part * HIGH, smaller(HIGH, j->inputs - part * HIGH), 0, panel_count(j->outputs)};
}

/* dx = dy W', for the inputs that belong to a block's rows. */
static void back_to_inputs(const job *j, block b, desk *d) {
    if (j->outputs >= LONG_ROWS) {
        multiply_by_turned(j->images, j->outputs, b.rows, j->dy, j->outputs, j->weights, j->inputs, b.row,
                           j->dx + b.row, j->inputs);
        return;
    }
    real *turned = d->rows;
    for (int64_t column = 0; column < j->outputs; column++) {
        int64_t panel = column / PANEL * PANEL, width = panel_width(j->outputs, panel);
        const real *from = j->weights + panel_place(j->inputs, panel) + b.row * width + column - panel;
        /* In panels again, of which the block's rows are now the columns. */
        for (int64_t i = 0; i < b.rows; i++) {
            int64_t to = i / PANEL * PANEL;
            turned[panel_place(j->outputs, to) + column * panel_width(b.rows, to) + i - to] = from[i * width];
        }
    }
    multiply(j->images, b.rows, j->outputs, j->dy, j->outputs, turned, (beginning){0, 0}, j->dx + b.row, j->inputs);
}

/* dW = x' dy; the optimiser follows while a gradient is in the cache. */
static void back_to_weights(const job *j, block b, desk *d) {
    for (int64_t column = b.first * PANEL; column < smaller(b.last * PANEL, j->outputs); column += PANEL) {
        int64_t columns = smaller(PANEL, j->outputs - column), width = panel_width(j->outputs, column);
        for (int64_t row = b.row; row < b.row + b.rows; row += HIGH) {
            int64_t rows = smaller(HIGH, b.row + b.rows - row);
            source a = {j->x + row, 1, j->inputs, j->images, j->images * j->inputs, 1};
            if (columns < width) memset(d->rows, 0, (size_t)(rows * width) * sizeof(real));
            multiply_panel(rows, columns, a, j->dy + column, j->outputs, (beginning){0, 0}, d->rows, width);
            finish(j->u, j->l, j->l->weights + panel_place(j->inputs, column) + row * width, d->rows, rows * width);
        }
    }
}

static void back_part(void *argument, int64_t part, int thread) {
    const job *j = argument;
    desk *d = &j->w->desks[thread];
    block b = block_of(j, part);
    if (j->dx) back_to_inputs(j, b, d);
    back_to_weights(j, b, d);
}

static void finish_biases(const job *j) {
    real *sums = j->w->desks[0].rows;
    memset(sums, 0, (size_t)j->outputs * sizeof *sums);
    for (int64_t image = 0; image < j->images; image++)
        for (int64_t i = 0; i < j->outputs; i++) sums[i] += j->dy[image * j->outputs + i];
    finish(j->u, j->l, j->l->biases, sums, j->outputs);
}

void dense_back(workspace *w, int number, real *dy, real *dx, int64_t images, update *u) {
    job j = describe(w, number, u->parameters, images);
    j.dy = dy;
    j.dx = dx;
    j.u = u;
    int threads = threads_for(&j);
    j.by_panels = !dx && panel_count(j.outputs) >= threads;
    activate_back(j.l->activation, j.y, dy, images * j.outputs);
    share(back_part, &j, j.by_panels ? panel_count(j.outputs) : parts_of(j.inputs, HIGH), threads);
    if (j.l->biases >= 0) finish_biases(&j);
}
