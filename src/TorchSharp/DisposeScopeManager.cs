using System.Diagnostics;

namespace TorchSharp;

/// <summary>The scopes of the current thread.</summary>
public static class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScope? _current;

    internal static DisposeScope? Current => _current;

    internal static DisposeScope Open() => _current = new DisposeScope(_current);

    internal static void Close(DisposeScope scope)
    {
        // A scope forgotten inside this one goes with it.
        for (var inner = _current; inner is not null && inner != scope; inner = inner.OuterScope)
        {
            Debug.Assert(inner.OuterScope is not null, "a scope is closed on the thread that opened it");
        }

        _current = scope.OuterScope;
    }
}
