using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Parameters, buffers and submodules under names; the names joined by dots are a checkpoint's keys.</summary>
        public abstract class Module : IDisposable
        {
            private readonly string _name;
            private readonly Dictionary<string, Parameter> _parameters = [];
            private readonly Dictionary<string, Tensor> _buffers = [];
            private readonly HashSet<string> _transient = [];
            private readonly Dictionary<string, Module> _modules = [];

            protected Module(string name) => _name = name;

            /// <summary>True after construction and after train(), false after eval().</summary>
            public bool training { get; private set; } = true;

            public string GetName() => _name;

            /// <exception cref="InvalidOperationException">The name is taken.</exception>
            public void register_parameter(string name, Parameter param)
            {
                if (!_parameters.TryAdd(name, param))
                {
                    throw new InvalidOperationException($"Parameter {name} is already registered.");
                }
            }

            /// <summary>Takes the tensor out of its dispose scope: it lives as long as the module.</summary>
            /// <param name="persistent">False keeps it out of <see cref="state_dict"/>.</param>
            /// <exception cref="InvalidOperationException">The name is taken.</exception>
            public void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (!_buffers.TryAdd(name, tensor))
                {
                    throw new InvalidOperationException($"Buffer {name} is already registered.");
                }

                tensor.DetachFromDisposeScope();
                if (!persistent)
                {
                    _transient.Add(name);
                }
            }

            /// <exception cref="ArgumentException">The name is empty or has a dot, which separates the names of nested modules.</exception>
            /// <exception cref="InvalidOperationException">The name is taken.</exception>
            public void register_module(string name, Module submodule)
            {
                if (name.Length == 0 || name.Contains('.'))
                {
                    throw new ArgumentException($"A module's name is not empty and has no dot: \"{name}\".", nameof(name));
                }

                if (!_modules.TryAdd(name, submodule))
                {
                    throw new InvalidOperationException($"Module {name} is already registered.");
                }
            }

            public Parameter? get_parameter(string target) => _parameters.GetValueOrDefault(target);

            public Tensor? get_buffer(string target) => _buffers.GetValueOrDefault(target);

            public IEnumerable<Module> children() => _modules.Values;

            public IEnumerable<(string name, Module module)> named_children() => _modules.Select(m => (m.Key, m.Value));

            public IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var (name, module) in _modules)
                {
                    yield return (name, module);
                    foreach (var (inner, found) in module.named_modules())
                    {
                        yield return ($"{name}.{inner}", found);
                    }
                }
            }

            public IEnumerable<Module> modules() => named_modules().Select(m => m.module).Prepend(this);

            public IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var own = _parameters.Select(p => (p.Key, p.Value));
                var inner = named_children().SelectMany(c => c.module.named_parameters(), (c, p) => ($"{c.name}.{p.name}", p.parameter));
                return recurse ? own.Concat(inner) : own;
            }

            public IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true)
            {
                var own = _buffers.Select(b => (b.Key, b.Value));
                return recurse
                    ? own.Concat(named_children().SelectMany(c => c.module.named_buffers(), (c, b) => ($"{c.name}.{b.name}", b.buffer)))
                    : own;
            }

            public IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            public IEnumerable<Tensor> buffers(bool recurse = true) => named_buffers(recurse).Select(b => b.buffer);

            public Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                var start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                var buffers = _buffers.Where(b => !_transient.Contains(b.Key));
                foreach (var (name, tensor) in _parameters.Select(p => KeyValuePair.Create(p.Key, (Tensor)p.Value)).Concat(buffers))
                {
                    destination[start + name] = tensor;
                }

                foreach (var (name, module) in _modules)
                {
                    module.state_dict(destination, start + name);
                }

                return destination;
            }

            /// <summary>Copies numbers into this module's tensors.</summary>
            /// <exception cref="InvalidOperationException">strict, and names are missing or too many.</exception>
            /// <exception cref="ArgumentException">A tensor has another shape than the module's.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var own = state_dict();
                var missing = own.Keys.Where(k => !source.ContainsKey(k) && skip?.Contains(k) != true).ToList();
                var unexpected = source.Keys.Where(k => !own.ContainsKey(k) && skip?.Contains(k) != true).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                {
                    throw new InvalidOperationException(
                        $"Missing: {string.Join(", ", missing)}. Unexpected: {string.Join(", ", unexpected)}.");
                }

                var loaded = own.Where(o => source.ContainsKey(o.Key) && skip?.Contains(o.Key) != true).ToList();
                foreach (var (name, tensor) in loaded.Where(o => !source[o.Key].shape.SequenceEqual(o.Value.shape)))
                {
                    throw new ArgumentException($"{name} is {source[name]}, not {tensor}.", nameof(source));
                }

                using var guard = no_grad();
                foreach (var (name, tensor) in loaded)
                {
                    tensor.copy_(source[name]);
                }

                return (missing, unexpected);
            }

            public void train(bool train = true)
            {
                foreach (var module in modules())
                {
                    module.training = train;
                }
            }

            public void eval() => train(false);

            public void zero_grad()
            {
                foreach (var parameter in parameters())
                {
                    parameter.grad = null;
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (disposing)
                {
                    foreach (var tensor in _parameters.Values.Concat(_buffers.Values))
                    {
                        tensor.Dispose();
                    }

                    foreach (var module in _modules.Values)
                    {
                        module.Dispose();
                    }
                }
            }

            /// <summary>Moves and converts in place; whole-number buffers keep their type.</summary>
            internal void MoveTo(ScalarType? type, Device? device)
            {
                using var guard = no_grad();
                foreach (var name in _parameters.Keys.ToList())
                {
                    var old = _parameters[name];
                    using var moved = Moved(old, type, device);
                    _parameters[name] = new Parameter(moved, old.requires_grad);
                    old.Dispose();
                }

                foreach (var name in _buffers.Keys.ToList())
                {
                    var old = _buffers[name];
                    _buffers[name] = Moved(old, type, device).DetachFromDisposeScope();
                    old.Dispose();
                }

                foreach (var module in _modules.Values)
                {
                    module.MoveTo(type, device);
                }
            }

            private static Tensor Moved(Tensor tensor, ScalarType? type, Device? device)
            {
                var floating = tensor.dtype is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;
                return tensor.to(floating ? type ?? tensor.dtype : tensor.dtype, device ?? tensor.device, copy: true);
            }
        }

        public abstract class Module<T, TResult>(string name) : Module(name)
        {
            public abstract TResult forward(T input);

            public TResult call(T input) => forward(input);
        }

        public abstract class Module<T1, T2, TResult>(string name) : Module(name)
        {
            public abstract TResult forward(T1 input1, T2 input2);

            public TResult call(T1 input1, T2 input2) => forward(input1, input2);
        }
    }
}
