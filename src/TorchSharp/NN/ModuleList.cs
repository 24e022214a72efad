using System.Collections;
using System.Globalization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Modules named by their position: 0, 1, ...</summary>
    public sealed class ModuleList<T> : nn.Module, IEnumerable<T>
        where T : nn.Module
    {
        private readonly T[] _list;

        public ModuleList(params T[] modules)
            : base(nameof(ModuleList<T>))
        {
            _list = modules;
            for (var i = 0; i < modules.Length; i++)
            {
                register_module(i.ToString(CultureInfo.InvariantCulture), modules[i]);
            }
        }

        public int Count => _list.Length;

        public T this[int index] => _list[index];

        public IEnumerator<T> GetEnumerator() => _list.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ModuleList<T> ModuleList<T>(params T[] modules)
                where T : Module => new(modules);
        }
    }
}
