// The C ABI over libtorch that src/TorchSharp binds. Tensor operations are called through libtorch's own dispatcher by name, with
// the arguments that the operator's schema declares, so one export serves all of them, on CPU and CUDA, with autograd, from libtorch
// 1.13 to 2.x. Every export catches everything and returns 0, or 1 with the reason in `error` (freed by sl_torch_free).
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/generated/variable_factories.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/cuda.h>
#include <torch/version.h>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using Tensor = at::Tensor;

// c10::optional before libtorch 2.5, std::optional after.
using OptionalTensor = decltype(std::declval<c10::IValue&>().toOptional<Tensor>());

// An argument or a result; src/TorchSharp/Native/NativeValue.cs has the same layout, pinned by a test.
struct Value {
    int32_t kind;
    int32_t count;   // elements of a list
    int64_t payload; // an integer, the bits of a double, a handle, or the address of a list
};

static_assert(sizeof(Value) == 16 && offsetof(Value, count) == 4 && offsetof(Value, payload) == 8, "NativeValue.cs has this layout");

enum Kind : int32_t {
    None = 0, TensorValue = 1, Integer = 2, Double = 3, Bool = 4, IntegerList = 5, DoubleList = 6, TensorList = 7, OptionalTensorList = 8,
    Text = 9, GeneratorValue = 10,
};

char* copy_text(const std::string& text) {
    auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
    if (copy != nullptr) {
        std::memcpy(copy, text.c_str(), text.size() + 1);
    }
    return copy;
}

template <typename Body>
int32_t guarded(char** error, Body body) noexcept {
    *error = nullptr;
    try {
        body();
        return 0;
    } catch (const c10::Error& e) {
        *error = copy_text(e.what_without_backtrace());
    } catch (const std::exception& e) {
        *error = copy_text(e.what());
    } catch (...) {
        *error = copy_text("an error of no known kind");
    }
    return 1;
}

double as_double(int64_t bits) {
    double number;
    std::memcpy(&number, &bits, sizeof number);
    return number;
}

c10::IValue to_ivalue(const Value& value) {
    switch (value.kind) {
        case None: return {};
        case TensorValue: return *reinterpret_cast<Tensor*>(value.payload);
        case Integer: return value.payload;
        case Double: return as_double(value.payload);
        case Bool: return value.payload != 0;
        case Text: return std::string(reinterpret_cast<const char*>(value.payload), static_cast<size_t>(value.count));
        case GeneratorValue: return *reinterpret_cast<at::Generator*>(value.payload);
        case IntegerList: {
            auto* numbers = reinterpret_cast<const int64_t*>(value.payload);
            return std::vector<int64_t>(numbers, numbers + value.count);
        }
        case DoubleList: {
            auto* numbers = reinterpret_cast<const double*>(value.payload);
            return std::vector<double>(numbers, numbers + value.count);
        }
        case TensorList: {
            c10::List<Tensor> list;
            auto* handles = reinterpret_cast<Tensor* const*>(value.payload);
            for (int32_t i = 0; i < value.count; i++) {
                list.push_back(*handles[i]);
            }
            return list;
        }
        case OptionalTensorList: {
            c10::List<OptionalTensor> list;
            auto* handles = reinterpret_cast<Tensor* const*>(value.payload);
            for (int32_t i = 0; i < value.count; i++) {
                list.push_back(handles[i] == nullptr ? OptionalTensor() : OptionalTensor(*handles[i]));
            }
            return list;
        }
        default: throw std::invalid_argument("argument of unknown kind " + std::to_string(value.kind));
    }
}

// Devices travel as text, because their IValue has a tag of its own.
c10::IValue for_argument(const Value& value, const c10::Argument& argument) {
    if (value.kind == Text && argument.type()->str().find("Device") != std::string::npos) {
        return c10::Device(to_ivalue(value).toStringRef());
    }
    return to_ivalue(value);
}

int64_t handle(const Tensor& tensor) { return reinterpret_cast<int64_t>(new Tensor(tensor)); }

void add_result(const c10::IValue& value, std::vector<Value>& results) {
    if (value.isTensor()) {
        results.push_back({TensorValue, 0, handle(value.toTensor())});
    } else if (value.isTensorList()) {
        for (const Tensor& tensor : value.toTensorVector()) {
            results.push_back({TensorValue, 0, handle(tensor)});
        }
    } else if (value.isBool()) {
        results.push_back({Bool, 0, value.toBool() ? 1 : 0});
    } else if (value.isInt()) {
        results.push_back({Integer, 0, value.toInt()});
    } else if (value.isDouble()) {
        double number = value.toDouble();
        int64_t bits;
        std::memcpy(&bits, &number, sizeof bits);
        results.push_back({Double, 0, bits});
    } else if (value.isNone()) {
        results.push_back({None, 0, 0});
    } else {
        throw std::invalid_argument("a result of type " + value.tagKind() + " is not passed on");
    }
}

} // namespace

EXPORT void sl_torch_free(void* memory) { std::free(memory); }

EXPORT const char* sl_torch_version() { return TORCH_VERSION; }

// ---- operators -------------------------------------------------------------------------------------------------------------------

EXPORT int32_t sl_torch_operator(const char* name, const char* overload, void** result, char** error) {
    return guarded(error, [&] { *result = new c10::OperatorHandle(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload)); });
}

// Trailing arguments that are not given take the schema's defaults. `results` is one block, freed by sl_torch_free; the tensors in it
// belong to the caller.
EXPORT int32_t sl_torch_call(void* op, const Value* arguments, int32_t count, Value** results, int32_t* result_count, char** error) {
    return guarded(error, [&] {
        auto& callee = *static_cast<c10::OperatorHandle*>(op);
        const auto& declared = callee.schema().arguments();
        const auto& name = callee.schema().name();
        TORCH_CHECK(static_cast<size_t>(count) <= declared.size(), name, " takes ", declared.size(), " arguments, not ", count);
        std::vector<c10::IValue> stack;
        stack.reserve(declared.size());
        for (size_t i = 0; i < declared.size(); i++) {
            if (i < static_cast<size_t>(count)) {
                stack.push_back(for_argument(arguments[i], declared[i]));
            } else {
                TORCH_CHECK(declared[i].default_value().has_value(), name, ": argument ", declared[i].name(), " is missing");
                stack.push_back(*declared[i].default_value());
            }
        }
        callee.callBoxed(&stack);
        std::vector<Value> values;
        for (const auto& value : stack) {
            add_result(value, values);
        }
        *result_count = static_cast<int32_t>(values.size());
        *results = static_cast<Value*>(std::malloc(sizeof(Value) * (values.size() + 1)));
        std::memcpy(*results, values.data(), sizeof(Value) * values.size());
    });
}

// ---- tensors ---------------------------------------------------------------------------------------------------------------------

EXPORT void sl_torch_tensor_free(void* tensor) { delete static_cast<Tensor*>(tensor); }

// Copies `data` (row-major, of that dtype, on the CPU).
EXPORT int32_t sl_torch_tensor_new(const void* data, const int64_t* sizes, int32_t dimensions, int32_t dtype, void** result, char** error) {
    return guarded(error, [&] {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        auto tensor = torch::empty(at::IntArrayRef(sizes, static_cast<size_t>(dimensions)), options);
        if (tensor.nbytes() > 0) {
            std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
        }
        *result = new Tensor(tensor);
    });
}

EXPORT int32_t sl_torch_tensor_info(void* tensor, int32_t* dtype, int32_t* device_type, int32_t* device_index, int64_t* sizes,
                                    int32_t capacity, int32_t* dimensions, int64_t* elements, int32_t* flags, char** error) {
    return guarded(error, [&] {
        auto& t = *static_cast<Tensor*>(tensor);
        TORCH_CHECK(t.defined(), "the tensor is undefined");
        *dtype = static_cast<int32_t>(t.scalar_type());
        *device_type = static_cast<int32_t>(t.device().type());
        *device_index = t.device().has_index() ? t.device().index() : -1;
        *dimensions = static_cast<int32_t>(t.dim());
        *elements = t.numel();
        *flags = (t.requires_grad() ? 1 : 0) | (t.is_leaf() ? 2 : 0) | (t.is_contiguous() ? 4 : 0)
                 | (t.is_leaf() && t.grad().defined() ? 8 : 0);
        for (int32_t i = 0; i < capacity && i < *dimensions; i++) {
            sizes[i] = t.size(i);
        }
    });
}

EXPORT int32_t sl_torch_tensor_data(void* tensor, void** result, char** error) {
    return guarded(error, [&] { *result = static_cast<Tensor*>(tensor)->data_ptr(); });
}

EXPORT int32_t sl_torch_tensor_set_requires_grad(void* tensor, int32_t requires_grad, char** error) {
    return guarded(error, [&] { static_cast<Tensor*>(tensor)->set_requires_grad(requires_grad != 0); });
}

EXPORT int32_t sl_torch_tensor_grad(void* tensor, void** result, char** error) {
    return guarded(error, [&] {
        const auto& grad = static_cast<Tensor*>(tensor)->grad();
        *result = grad.defined() ? new Tensor(grad) : nullptr;
    });
}

EXPORT int32_t sl_torch_tensor_set_grad(void* tensor, void* grad, char** error) {
    return guarded(error, [&] { static_cast<Tensor*>(tensor)->mutable_grad() = grad == nullptr ? Tensor() : *static_cast<Tensor*>(grad); });
}

EXPORT int32_t sl_torch_tensor_backward(void* tensor, void* grad, int32_t retain_graph, int32_t create_graph, char** error) {
    return guarded(error, [&] {
        std::vector<Tensor> gradients;
        if (grad != nullptr) {
            gradients.push_back(*static_cast<Tensor*>(grad));
        }
        torch::autograd::backward({*static_cast<Tensor*>(tensor)}, gradients, retain_graph != 0, create_graph != 0);
    });
}

// ---- modes, chance, threads, devices ---------------------------------------------------------------------------------------------

EXPORT int32_t sl_torch_set_grad_enabled(int32_t enabled, int32_t* before, char** error) {
    return guarded(error, [&] {
        *before = at::GradMode::is_enabled() ? 1 : 0;
        at::GradMode::set_enabled(enabled != 0);
    });
}

// The guard belongs to the thread that made it.
EXPORT int32_t sl_torch_inference_mode_new(int32_t enabled, void** result, char** error) {
    return guarded(error, [&] { *result = new c10::InferenceMode(enabled != 0); });
}

EXPORT void sl_torch_inference_mode_free(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

EXPORT int32_t sl_torch_manual_seed(int64_t seed, char** error) {
    return guarded(error, [&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

EXPORT int32_t sl_torch_generator_new(const char* device, int64_t seed, void** result, char** error) {
    return guarded(error, [&] {
        auto generator = at::globalContext().defaultGenerator(c10::Device(device)).clone();
        generator.set_current_seed(static_cast<uint64_t>(seed));
        *result = new at::Generator(generator);
    });
}

EXPORT void sl_torch_generator_free(void* generator) { delete static_cast<at::Generator*>(generator); }

EXPORT int32_t sl_torch_get_num_threads(int32_t* result, char** error) {
    return guarded(error, [&] { *result = at::get_num_threads(); });
}

EXPORT int32_t sl_torch_set_num_threads(int32_t threads, char** error) {
    return guarded(error, [&] { at::set_num_threads(threads); });
}

EXPORT int32_t sl_torch_cuda_device_count(int32_t* result, char** error) {
    return guarded(error, [&] { *result = static_cast<int32_t>(torch::cuda::device_count()); });
}

EXPORT int32_t sl_torch_cuda_synchronize(int32_t device, char** error) {
    return guarded(error, [&] { torch::cuda::synchronize(device); });
}
