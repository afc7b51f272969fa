/* A dense layer on a whole batch: y = f(x W + b), and back dx = dy W', dW = x' dy, db = the sum of dy's rows.

   x (batch, inputs), W packed (inputs, outputs), y (batch, outputs). The threads share each product by pieces of its
   result: panels of W where there are enough of them, else rows. Which thread takes which panel is about the same
   forward and backward and from step to step, so weights and their moments stay in that core's cache; the optimiser
   changes each block of weights as soon as its gradient is known. */
#include "layers.h"
#include "optimiser.h"
#include "threads.h"

/* Rows of weights whose gradients are computed together: whole tiles, and few enough that block, gradients and moments
   stay in the first-level cache until the optimiser has used them. */
#define BLOCK_ROWS (5 * TILE_ROWS)
/* Fewer multiplications than this are over before another thread has begun and ended. */
#define MIN_SHARED_PRODUCTS 600000
/* With so many outputs, dx is quicker as dot products along W's rows than as a product with W transposed: summing up each
   dot product's lanes costs less than transposing. */
#define MIN_DOT_LENGTH 128

int64_t dense_block_size(const Layer *l) {
    int64_t outputs = l->out_channels;
    int64_t transposed = packed_size(minimum(outputs, MIN_DOT_LENGTH), BLOCK_ROWS);
    int64_t gradients = BLOCK_ROWS * panel_width(outputs, 0);
    return maximum(maximum(transposed, gradients), outputs);
}

typedef struct {
    Workspace *w;
    const Layer *l;
    const real *parameters, *weights, *x;
    real *y, *dy, *dx;
    int64_t batch, inputs, outputs;
    int by_panels;
    Update *update;
} DenseJob;

static DenseJob make_job(const Workspace *w, int number, const real *parameters, int64_t batch) {
    const Layer *l = &w->layers[number];
    return (DenseJob){.w = (Workspace *)w,
                      .l = l,
                      .parameters = parameters,
                      .weights = parameters + l->weights,
                      .x = inputs_of(w, number),
                      .y = w->caches[number].outputs,
                      .batch = batch,
                      .inputs = l->channels,
                      .outputs = l->out_channels};
}

static int threads_for(const DenseJob *j) {
    int64_t products = j->dx ? 2 : 1;
    return products * j->batch * j->inputs * j->outputs < MIN_SHARED_PRODUCTS ? 1 : j->w->threads;
}

/* One panel of y for the whole batch, or some rows of y in all panels. */
static void forward_part(void *argument, int64_t part, int thread) {
    (void)thread;
    const DenseJob *j = argument;
    int64_t row = j->by_panels ? 0 : part * TILE_ROWS;
    int64_t rows = j->by_panels ? j->batch : minimum(TILE_ROWS, j->batch - row);
    int64_t first = j->by_panels ? part : 0, last = j->by_panels ? part + 1 : panel_count(j->outputs);
    for (int64_t column = first * PANEL_COLUMNS; column < minimum(last * PANEL_COLUMNS, j->outputs);
         column += PANEL_COLUMNS) {
        int64_t columns = minimum(PANEL_COLUMNS, j->outputs - column);
        MatrixView a = {j->x + row * j->inputs, j->inputs, 1, j->inputs, j->inputs, 1};
        AccumulatorInit biases = {j->l->biases < 0 ? 0 : j->parameters + j->l->biases + column, 0};
        real *y = j->y + row * j->outputs + column;
        gemm_panel(rows, columns, a, j->weights + panel_offset(j->inputs, column), panel_width(j->outputs, column),
                   biases, y, j->outputs);
        for (int64_t i = 0; i < rows; i++) activation_forward(j->l->activation, y + i * j->outputs, columns, columns);
    }
}

void dense_forward(const Workspace *w, int number, const real *parameters, int64_t batch) {
    DenseJob j = make_job(w, number, parameters, batch);
    int threads = threads_for(&j);
    j.by_panels = panel_count(j.outputs) >= threads;
    parallel_for(forward_part, &j, j.by_panels ? panel_count(j.outputs) : ceil_div(batch, TILE_ROWS), threads);
}

/* Some rows of W in all panels, or all rows of one panel. */
typedef struct {
    int64_t row, rows, first_panel, last_panel;
} Block;

static Block block_of(const DenseJob *j, int64_t part) {
    if (j->by_panels) return (Block){0, j->inputs, part, part + 1};
    int64_t row = part * BLOCK_ROWS;
    return (Block){row, minimum(BLOCK_ROWS, j->inputs - row), 0, panel_count(j->outputs)};
}

/* dx = dy W', for the inputs that belong to a block's rows. */
static void input_gradient(const DenseJob *j, Block b, Scratch *scratch) {
    if (j->outputs >= MIN_DOT_LENGTH) {
        gemm_transposed(j->batch, j->outputs, b.rows, j->dy, j->outputs, j->weights, j->inputs, b.row, j->dx + b.row,
                        j->inputs);
        return;
    }
    /* W' of the block, packed: its columns are the block's rows. */
    real *transposed = scratch->dense_block;
    for (int64_t column = 0; column < j->outputs; column++) {
        int64_t panel = column / PANEL_COLUMNS * PANEL_COLUMNS, width = panel_width(j->outputs, panel);
        const real *from = j->weights + panel_offset(j->inputs, panel) + b.row * width + column - panel;
        for (int64_t i = 0; i < b.rows; i++) {
            int64_t to = i / PANEL_COLUMNS * PANEL_COLUMNS;
            transposed[panel_offset(j->outputs, to) + column * panel_width(b.rows, to) + i - to] = from[i * width];
        }
    }
    gemm(j->batch, b.rows, j->outputs, j->dy, j->outputs, transposed, (AccumulatorInit){0, 0}, j->dx + b.row,
         j->inputs);
}

/* dW = x' dy, a block at a time. dx of the same rows is known already, so the weights may change. */
static void weight_gradient(const DenseJob *j, Block b, Scratch *scratch) {
    for (int64_t column = b.first_panel * PANEL_COLUMNS; column < minimum(b.last_panel * PANEL_COLUMNS, j->outputs);
         column += PANEL_COLUMNS) {
        int64_t columns = minimum(PANEL_COLUMNS, j->outputs - column), width = panel_width(j->outputs, column);
        for (int64_t row = b.row; row < b.row + b.rows; row += BLOCK_ROWS) {
            int64_t rows = minimum(BLOCK_ROWS, b.row + b.rows - row);
            MatrixView a = {j->x + row, 1, j->inputs, j->batch, j->batch * j->inputs, 1};
            real *gradients = scratch->dense_block;
            /* What fills up the last panel has to stay zero in the weights. */
            if (columns < width) memset(gradients, 0, (size_t)(rows * width) * sizeof(real));
            gemm_panel(rows, columns, a, j->dy + column, j->outputs, (AccumulatorInit){0, 0}, gradients, width);
            apply_gradients(j->update, j->l, j->l->weights + panel_offset(j->inputs, column) + row * width, gradients,
                            rows * width);
        }
    }
}

static void backward_part(void *argument, int64_t part, int thread) {
    const DenseJob *j = argument;
    Scratch *scratch = &j->w->scratch[thread];
    Block b = block_of(j, part);
    if (j->dx) input_gradient(j, b, scratch);
    weight_gradient(j, b, scratch);
}

static void bias_gradient(const DenseJob *j) {
    real *sums = j->w->scratch[0].dense_block;
    memset(sums, 0, (size_t)j->outputs * sizeof *sums);
    for (int64_t image = 0; image < j->batch; image++)
        for (int64_t i = 0; i < j->outputs; i++) sums[i] += j->dy[image * j->outputs + i];
    apply_gradients(j->update, j->l, j->l->biases, sums, j->outputs);
}

void dense_backward(Workspace *w, int number, real *dy, real *dx, int64_t batch, Update *update) {
    DenseJob j = make_job(w, number, update->parameters, batch);
    j.dy = dy;
    j.dx = dx;
    j.update = update;
    int threads = threads_for(&j);
    /* dx needs whole rows of W before they change, so only the first layer can be cut into panels. */
    j.by_panels = !dx && panel_count(j.outputs) >= threads;
    activation_backward(j.l->activation, j.y, dy, batch * j.outputs);
    parallel_for(backward_part, &j, j.by_panels ? panel_count(j.outputs) : ceil_div(j.inputs, BLOCK_ROWS), threads);
    if (j.l->biases >= 0) bias_gradient(&j);
}
