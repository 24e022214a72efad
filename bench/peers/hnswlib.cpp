// The peer for `sightline bench ann`: hnswlib on the same files. Debian: libhnswlib-dev.
//   g++ -O3 -march=native -std=c++17 -pthread hnswlib.cpp -o hnswlib
//   ./hnswlib DIR M efConstruction threads
// Prints "build SECONDS BYTES" (resident memory that the index added), then "search EF RECALL@10 QUERIES_PER_SECOND" for each beam, one
// search thread, the best of three rounds.
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using Clock = std::chrono::steady_clock;

static double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

static size_t resident() {
    std::ifstream file("/proc/self/statm");
    size_t all = 0, pages = 0;
    file >> all >> pages;
    return pages * sysconf(_SC_PAGESIZE);
}

template <class T>
static std::vector<T> read(const std::string& path, uint32_t& rows, uint32_t& columns) {
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(&rows), 4);
    file.read(reinterpret_cast<char*>(&columns), 4);
    std::vector<T> values(file ? size_t(rows) * columns : 0);
    file.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(T));
    if (!file || values.empty()) {
        fprintf(stderr, "cannot read %s\n", path.c_str());
        exit(2);
    }
    return values;
}

int main(int argc, char** argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: hnswlib DIR M efConstruction threads\n");
        return 2;
    }
    const std::string folder = argv[1];
    uint32_t rows, dimensions, queries, truths, k, ignored;
    const auto base = read<float>(folder + "/base.fbin", rows, dimensions);
    const auto query = read<float>(folder + "/query.fbin", queries, ignored);
    const auto truth = read<uint32_t>(folder + "/gt.ibin", truths, k);

    const size_t before = resident();
    hnswlib::InnerProductSpace space(dimensions);
    hnswlib::HierarchicalNSW<float> index(&space, rows, atoi(argv[2]), atoi(argv[3]), 42);
    const auto start = Clock::now();
    index.addPoint(base.data(), 0);
    std::atomic<size_t> next{1};
    std::vector<std::thread> threads;
    for (int i = 0; i < atoi(argv[4]); i++) {
        threads.emplace_back([&] {
            for (size_t row; (row = next++) < rows;) index.addPoint(base.data() + row * dimensions, row);
        });
    }
    for (auto& thread : threads) thread.join();
    const double seconds = since(start);
    printf("build %.6f %zu\n", seconds, resident() - before);

    for (const int beam : {10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 400, 800}) {
        index.setEf(beam);
        size_t found = 0;
        double best = 1e9;
        for (int round = 0; round < 3; round++) {
            found = 0;
            const auto begin = Clock::now();
            for (uint32_t i = 0; i < queries; i++) {
                auto hits = index.searchKnn(query.data() + size_t(i) * dimensions, 10);
                const uint32_t* expected = truth.data() + size_t(i) * k;
                for (; !hits.empty(); hits.pop()) found += std::count(expected, expected + 10, uint32_t(hits.top().second));
            }
            best = std::min(best, since(begin));
        }
        printf("search %d %.6f %.3f\n", beam, found / (10.0 * queries), queries / best);
        fflush(stdout);
    }
}
