namespace TorchSharp;

/// <summary>The scopes of the current thread.</summary>
public static class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScope? _current;

    [ThreadStatic]
    private static ThreadDisposeScopeStatistics? _statistics;

    /// <summary>The counts of the current thread.</summary>
    public static ThreadDisposeScopeStatistics Statistics => _statistics ??= new ThreadDisposeScopeStatistics();

    internal static DisposeScope? Current => _current;

    internal static DisposeScope Open() => _current = new DisposeScope(_current);

    internal static void Close(DisposeScope scope)
    {
        if (!IsOpen(scope))
        {
            return;
        }

        // A scope forgotten inside this one goes with it.
        while (_current != scope)
        {
            _current!.Dispose();
        }

        _current = scope.OuterScope;
    }

    private static bool IsOpen(DisposeScope scope)
    {
        var open = _current;
        while (open is not null && open != scope)
        {
            open = open.OuterScope;
        }

        return open is not null;
    }
}
