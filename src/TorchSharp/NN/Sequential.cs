using System.Globalization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Modules one after the other, named by their position unless names are given.</summary>
    public sealed class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly List<nn.Module<Tensor, Tensor>> _steps = [];

        internal Sequential(IEnumerable<(string Name, nn.Module<Tensor, Tensor> Module)> steps)
            : base(nameof(Sequential))
        {
            foreach (var (name, module) in steps)
            {
                register_module(name, module);
                _steps.Add(module);
            }
        }

        public override Tensor forward(Tensor input)
        {
            var x = input;
            foreach (var step in _steps)
            {
                x = step.forward(x);
            }

            return x;
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
                new(modules.Select((m, i) => (i.ToString(CultureInfo.InvariantCulture), m)));

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);
        }
    }
}
