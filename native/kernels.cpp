/*
 * libsightline_kernels: what libtorch does slowly on a CPU, without libtorch. One token of all candidates of a prior, through all layers in
 * one call: at small batches the weights are read once, at the speed of memory, and nothing is allocated or dispatched between them.
 *
 * Compiled several times: once per instruction set with KERNELS_VARIANT naming it (no standard templates there: the linker would merge
 * their instances across instruction sets), and once without it for the exports, which choose at run time. Nothing here throws.
 * Activations are float32; weights and caches are float32 or bfloat16.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <omp.h>

extern "C" {

/* src/Models/Generation/PriorKernel.cs has the same layouts, pinned by a test. Null: there is none. */
struct sl_norm {
    const void *gain;
    const void *shift;
};

/* y = W x + b with W [outputs, inputs]. */
struct sl_affine {
    const void *weight;
    const void *bias;
};

struct sl_layer {
    sl_norm norm1, norm1_out, norm2, norm2_out;
    sl_affine in, out, up, down;
    const void *text_keys;   /* [branches heads, text, width / heads] */
    const void *text_values;
    void *image_keys;        /* [rows heads, slots, width / heads] */
    void *image_values;
    const void *gaps;        /* of this position, [slots]: added to the scores */
    int64_t slots;
    int64_t slot;            /* where this token's key and value go */
    int64_t start;           /* the slots that are seen */
    int64_t length;
};

struct sl_step {
    int64_t is_bf16;
    int64_t rows;       /* branches x candidates */
    int64_t candidates;
    int64_t heads;
    int64_t width;
    int64_t mlp;
    int64_t text;
    int64_t vocabulary;
    int64_t layers;
    int64_t is_tanh;    /* the GELU's form */
    int64_t threads;
    double eps;
    const sl_layer *layer;
    sl_norm final_norm, logit_norm;
    sl_affine head;
    float *x;           /* [rows, width]: the token's vectors; overwritten */
    float *logits;      /* [rows, vocabulary] */
    float *scratch;     /* sl_kernels_scratch(step) numbers */
};

}

#ifdef KERNELS_VARIANT

#define JOIN(a, b) a##b
#define NAMED(variant) JOIN(sl_prior_step_, variant)

#if defined(__AVX512F__)
#define LANES 16
#define ROWS 4
#elif defined(__AVX2__)
#define LANES 8
#define ROWS 2
#else
#define LANES 4
#define ROWS 2
#endif
#define OUTPUTS 4
#define PANEL 32
#define ALONE 8 /* outputs at a time where there is one row: enough sums under way to hide their latency */

typedef float floats __attribute__((vector_size(LANES * 4)));
typedef uint32_t words __attribute__((vector_size(LANES * 4)));
typedef uint16_t halves __attribute__((vector_size(LANES * 2)));

static inline float number(const float *p) { return *p; }

static inline float number(const uint16_t *p)
{
    uint32_t bits = (uint32_t) *p << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void store(float *to, float value) { *to = value; }

/* To the nearest, ties to even, as libtorch rounds. */
static inline void store(uint16_t *to, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    *to = value != value ? 0x7fc0 : (uint16_t) ((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline floats load(const float *p)
{
    floats v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline floats load(const uint16_t *p)
{
    halves h;
    memcpy(&h, p, sizeof h);
    return (floats) (__builtin_convertvector(h, words) << 16);
}

/* By halves: one after the other, the additions would take as long as a product of 512. */
static inline float total(floats v)
{
    typedef float four __attribute__((vector_size(16)));
    four parts[LANES / 4];
    memcpy(parts, &v, sizeof v);
    for (int half = LANES / 8; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
            parts[i] += parts[i + half];
        }
    }
    return (parts[0][0] + parts[0][2]) + (parts[0][1] + parts[0][3]);
}

/* sums[o * R + r] = weight row o . x row r; Ahead: the weights are on their way from memory, and the next rows are asked for */
template <typename T, int O, int R, bool Ahead>
static inline void dots(const T *w, const float *x, int64_t n, float *sums)
{
    floats acc[O * R];
    for (int i = 0; i < O * R; i++) {
        acc[i] = floats {};
    }
    int64_t k = 0;
    for (; k + LANES <= n; k += LANES) {
        floats row[R];
        for (int r = 0; r < R; r++) {
            row[r] = load(x + r * n + k);
        }
        for (int o = 0; o < O; o++) {
            floats weight = load(w + o * n + k);
            if (Ahead) {
                __builtin_prefetch(w + (o + O) * n + k);
            }
            for (int r = 0; r < R; r++) {
                acc[o * R + r] += weight * row[r];
            }
        }
    }
    for (int o = 0; o < O; o++) {
        for (int r = 0; r < R; r++) {
            float sum = total(acc[o * R + r]);
            for (int64_t at = k; at < n; at++) {
                sum += number(w + o * n + at) * x[r * n + at];
            }
            sums[o * R + r] = sum;
        }
    }
}

template <typename T, int O, int R, bool Ahead>
static inline void block(
    const T *w, const T *b, const float *x, float *y, int64_t n, int64_t outputs, int64_t output, int64_t row)
{
    float sums[O * R];
    dots<T, O, R, Ahead>(w + output * n, x + row * n, n, sums);
    for (int o = 0; o < O; o++) {
        for (int r = 0; r < R; r++) {
            y[(row + r) * outputs + output + o] = sums[o * R + r] + number(b + output + o);
        }
    }
}

/* This thread's outputs: a stretch of whole blocks. */
static inline void share(int64_t all, int64_t unit, int thread, int threads, int64_t *from, int64_t *to)
{
    int64_t units = (all + unit - 1) / unit;
    *from = units * thread / threads * unit;
    *to = units * (thread + 1) / threads * unit;
    *to = *to < all ? *to : all;
}

/* y [rows, outputs] = x [rows, n] W^T + b */
template <typename T>
static void affine(
    const sl_affine *a, const float *x, float *y, int64_t rows, int64_t n, int64_t outputs, int thread, int threads)
{
    const T *w = (const T *) a->weight;
    const T *b = (const T *) a->bias;
    int64_t at, to;
    share(outputs, ALONE, thread, threads, &at, &to);
    for (; rows == 1 && at + ALONE <= to; at += ALONE) {
        block<T, ALONE, 1, true>(w, b, x, y, n, outputs, at, 0);
    }

    /* Some rows stay in the nearest cache while a panel of weights goes by, which stays in the next one for the other rows. */
    int64_t whole = to - (to - at) % OUTPUTS;
    for (int64_t end; at < whole; at = end) {
        end = at + PANEL < whole ? at + PANEL : whole;
        for (int64_t row = 0; row < rows;) {
            int many = row + ROWS <= rows;
            for (int64_t o = at; o < end; o += OUTPUTS) {
                if (many && row == 0) {
                    block<T, OUTPUTS, ROWS, true>(w, b, x, y, n, outputs, o, row);
                } else if (many) {
                    block<T, OUTPUTS, ROWS, false>(w, b, x, y, n, outputs, o, row);
                } else {
                    block<T, OUTPUTS, 1, true>(w, b, x, y, n, outputs, o, row);
                }
            }
            row += many ? ROWS : 1;
        }
    }
    for (; at < to; at++) {
        for (int64_t row = 0; row < rows; row++) {
            block<T, 1, 1, false>(w, b, x, y, n, outputs, at, row);
        }
    }
}

/* e^x for x <= 88, to 2 units in the last place: 2^round(x / ln 2) times a polynomial of the rest (Cephes, expf). */
static inline float exponential(float x)
{
    x = x < -87.0f ? -87.0f : x;
    float whole = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
    float rest = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * rest + 1.3981999507e-3f;
    p = p * rest + 8.3334519073e-3f;
    p = p * rest + 4.1665795894e-2f;
    p = p * rest + 1.6666665459e-1f;
    p = p * rest + 5.0000001201e-1f;
    p = p * rest * rest + rest + 1.0f;
    uint32_t bits = (uint32_t) ((int32_t) whole + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

/* x times the normal distribution function, whose error function is Abramowitz and Stegun's 7.1.26 (off by 1.5e-7 at most). */
static inline float gelu(float x)
{
    float z = fabsf(x) * 0.70710678f;
    float t = 1.0f / (1.0f + 0.3275911f * z);
    float p = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
    float rest = p * exponential(-z * z); /* 1 - erf */
    return x * (x < 0 ? 0.5f * rest : 1.0f - 0.5f * rest);
}

static inline float gelu_tanh(float x)
{
    float u = 0.79788456f * (x + 0.044715f * x * x * x);
    u = u > 40.0f ? 40.0f : u;
    return x - x / (1.0f + exponential(2.0f * u)); /* x (1 + tanh u) / 2 */
}

template <typename T>
static void norm(const sl_norm *norm, const float *x, float *y, int64_t n, double eps)
{
    float sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) {
        sum += x[i];
    }
    float mean = sum / n;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < n; i++) {
        squares += (x[i] - mean) * (x[i] - mean);
    }
    float scale = 1.0f / sqrtf(squares / n + (float) eps);
    const T *gain = (const T *) norm->gain;
    const T *shift = (const T *) norm->shift;
    for (int64_t i = 0; i < n; i++) {
        y[i] = (x[i] - mean) * scale * number(gain + i) + number(shift + i);
    }
}

/* One head of one row: keeps the token's key and value and mixes what it sees. */
template <typename T>
static void attend(const sl_step *s, const sl_layer *l, const float *packed, float *mixed, float *scores, int64_t row, int64_t head)
{
    int64_t size = s->width / s->heads;
    const float *query = packed + row * 3 * s->width + head * size;
    T *keys = (T *) l->image_keys + (row * s->heads + head) * l->slots * size;
    T *values = (T *) l->image_values + (row * s->heads + head) * l->slots * size;
    for (int64_t i = 0; i < size; i++) {
        store(keys + l->slot * size + i, query[s->width + i]);
        store(values + l->slot * size + i, query[2 * s->width + i]);
    }
    int64_t branch = row / s->candidates;
    const T *text_keys = (const T *) l->text_keys + (branch * s->heads + head) * s->text * size;
    const T *text_values = (const T *) l->text_values + (branch * s->heads + head) * s->text * size;
    const T *seen_keys = keys + l->start * size;
    const T *seen_values = values + l->start * size;
    const T *gaps = (const T *) l->gaps;
    int64_t count = s->text + l->length;
    float scale = 1.0f / sqrtf((float) size);
    float most = -INFINITY;
    for (int64_t at = 0; at < count; at++) {
        float score;
        dots<T, 1, 1, false>(at < s->text ? text_keys + at * size : seen_keys + (at - s->text) * size, query, size, &score);
        score *= scale;
        if (gaps != NULL && at >= s->text) {
            score += number(gaps + l->start + at - s->text);
        }
        scores[at] = score;
        most = score > most ? score : most;
    }
    float sum = 0;
    for (int64_t at = 0; at < count; at++) {
        scores[at] = exponential(scores[at] - most);
    }
#pragma omp simd reduction(+ : sum)
    for (int64_t at = 0; at < count; at++) {
        sum += scores[at];
    }
    float *to = mixed + row * s->width + head * size;
    for (int64_t i = 0; i < size; i++) {
        to[i] = 0;
    }
    for (int64_t at = 0; at < count; at++) {
        const T *value = at < s->text ? text_values + at * size : seen_values + (at - s->text) * size;
        float weight = scores[at] / sum;
        for (int64_t i = 0; i < size; i++) {
            to[i] += weight * number(value + i);
        }
    }
}

/* x += part, normalised where the layer is a sandwich; then what the next product reads. */
template <typename T>
static void add(const sl_step *s, const sl_norm *before, float *part, const sl_norm *after, float *normed, int64_t row)
{
    float *x = s->x + row * s->width;
    float *p = part + row * s->width;
    if (before->gain != NULL) {
        norm<T>(before, p, p, s->width, s->eps);
    }
    for (int64_t i = 0; i < s->width; i++) {
        x[i] += p[i];
    }
    norm<T>(after, x, normed + row * s->width, s->width, s->eps);
}

template <typename T>
static void run(const sl_step *s, int thread, int threads)
{
    float *normed = s->scratch;
    float *part = normed + s->rows * s->width;
    float *packed = part + s->rows * s->width;
    float *inside = packed + s->rows * 3 * s->width;
    float *scores = inside + s->rows * s->mlp;
    int64_t most = 0, from, to;
    for (int64_t i = 0; i < s->layers; i++) {
        most = s->layer[i].length > most ? s->layer[i].length : most;
    }
    scores += thread * (s->text + most);
    for (int64_t row = thread; row < s->rows; row += threads) {
        norm<T>(&s->layer[0].norm1, s->x + row * s->width, normed + row * s->width, s->width, s->eps);
    }
#pragma omp barrier
    for (int64_t i = 0; i < s->layers; i++) {
        const sl_layer *l = s->layer + i;
        affine<T>(&l->in, normed, packed, s->rows, s->width, 3 * s->width, thread, threads);
#pragma omp barrier
        share(s->rows * s->heads, 1, thread, threads, &from, &to);
        for (; from < to; from++) {
            attend<T>(s, l, packed, normed, scores, from / s->heads, from % s->heads);
        }
#pragma omp barrier
        affine<T>(&l->out, normed, part, s->rows, s->width, s->width, thread, threads);
#pragma omp barrier
        for (int64_t row = thread; row < s->rows; row += threads) {
            add<T>(s, &l->norm1_out, part, &l->norm2, normed, row);
        }
#pragma omp barrier
        affine<T>(&l->up, normed, inside, s->rows, s->width, s->mlp, thread, threads);
        share(s->mlp, ALONE, thread, threads, &from, &to);
        for (int64_t row = 0; row < s->rows; row++) {
            float *h = inside + row * s->mlp;
            if (s->is_tanh) {
                for (int64_t at = from; at < to; at++) {
                    h[at] = gelu_tanh(h[at]);
                }
            } else {
                for (int64_t at = from; at < to; at++) {
                    h[at] = gelu(h[at]);
                }
            }
        }
#pragma omp barrier
        affine<T>(&l->down, inside, part, s->rows, s->mlp, s->width, thread, threads);
#pragma omp barrier
        for (int64_t row = thread; row < s->rows; row += threads) {
            const sl_norm *next = i + 1 < s->layers ? &s->layer[i + 1].norm1 : &s->final_norm;
            add<T>(s, &l->norm2_out, part, next, normed, row);
            if (i + 1 == s->layers && s->logit_norm.gain != NULL) {
                norm<T>(&s->logit_norm, normed + row * s->width, normed + row * s->width, s->width, s->eps);
            }
        }
#pragma omp barrier
    }
    affine<T>(&s->head, normed, s->logits, s->rows, s->width, s->vocabulary, thread, threads);
}

extern "C" void NAMED(KERNELS_VARIANT)(const sl_step *s)
{
#pragma omp parallel num_threads((int) s->threads)
    {
        int thread = omp_get_thread_num(), threads = omp_get_num_threads();
        if (s->is_bf16) {
            run<uint16_t>(s, thread, threads);
        } else {
            run<float>(s, thread, threads);
        }
    }
}

#else

#define EXPORT extern "C" __attribute__((visibility("default")))

extern "C" {
void sl_prior_step_plain(const sl_step *s);
void sl_prior_step_avx2(const sl_step *s);
void sl_prior_step_avx512(const sl_step *s);
}

EXPORT int64_t sl_kernels_size_of_step(void) { return sizeof(sl_step); }

EXPORT int64_t sl_kernels_size_of_layer(void) { return sizeof(sl_layer); }

/* Numbers of scratch that a step needs, whatever its position. */
EXPORT int64_t sl_kernels_scratch(const sl_step *s)
{
    int64_t most = 0;
    for (int64_t i = 0; i < s->layers; i++) {
        most = s->layer[i].slots > most ? s->layer[i].slots : most;
    }
    return s->rows * (5 * s->width + s->mlp) + s->threads * (s->text + most);
}

/* 0: what every machine of this kind can; 1: AVX2; 2: AVX-512. */
EXPORT int32_t sl_kernels_best(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd")) {
        return 2;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) {
        return 1;
    }
#endif
    return 0;
}

/* Returns 0, or 1 where this machine lacks the instructions of that number. */
EXPORT int32_t sl_kernels_prior_step(const sl_step *s, int32_t instructions)
{
    if (instructions < 0 || instructions > sl_kernels_best()) {
        return 1;
    }
#ifdef __x86_64__
    if (instructions == 2) {
        sl_prior_step_avx512(s);
        return 0;
    }
    if (instructions == 1) {
        sl_prior_step_avx2(s);
        return 0;
    }
#endif
    sl_prior_step_plain(s);
    return 0;
}

/* The sum of the numbers, a multiple of 8192 of them, by that many threads: how fast memory can be read. */
EXPORT double sl_kernels_sum(const float *numbers, int64_t count, int32_t threads)
{
    double sum = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum)
    {
        /* Several streams at a time, as far apart as memory pages: one alone waits for itself. */
        typedef float lanes __attribute__((vector_size(64)));
        const int64_t page = 1024, streams = 8;
        lanes parts[8] = {};
#pragma omp for schedule(static)
        for (int64_t block = 0; block < count / (page * streams); block++) {
            const float *start = numbers + block * page * streams;
            for (int64_t i = 0; i < page; i += 16) {
                for (int64_t stream = 0; stream < streams; stream++) {
                    lanes v;
                    memcpy(&v, start + stream * page + i, sizeof v);
                    parts[stream] += v;
                }
            }
        }
        for (int stream = 0; stream < streams; stream++) {
            for (int i = 0; i < 16; i++) {
                sum += parts[stream][i];
            }
        }
    }
    return sum;
}

#endif
