namespace Sightline.Indexer.Download;

/// <summary>
/// Turns at the network: so many in all, so many of one host, hosts one after the other, so that a list sorted by host neither waits for one
/// host nor runs it down. Lives as long as one run: a caller that is cancelled while it waits is not taken out. Thread-safe.
/// </summary>
internal sealed class HostTurns(int atOnce, int perHost)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Host> _hosts = [];

    // Hosts that have somebody waiting and room; each is in it once.
    private readonly Queue<Host> _ready = new();
    private int _free = atOnce;

    internal Task EnterAsync(string host, CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_hosts.TryGetValue(host, out var known))
            {
                _hosts.Add(host, known = new Host());
            }

            known.Waiting.Enqueue(turn);
            Announce(known);
            Dispatch();
        }

        return turn.Task.WaitAsync(cancellationToken);
    }

    internal void Leave(string host)
    {
        lock (_gate)
        {
            var known = _hosts[host];
            known.Active--;
            _free++;
            if (known is { Active: 0, Waiting.Count: 0 })
            {
                _hosts.Remove(host);
            }

            Announce(known);
            Dispatch();
        }
    }

    private void Announce(Host host)
    {
        if (!host.IsReady && host.Waiting.Count > 0 && host.Active < perHost)
        {
            host.IsReady = true;
            _ready.Enqueue(host);
        }
    }

    private void Dispatch()
    {
        while (_free > 0 && _ready.TryDequeue(out var host))
        {
            host.IsReady = false;
            host.Active++;
            _free--;
            host.Waiting.Dequeue().SetResult();
            Announce(host);
        }
    }

    private sealed class Host
    {
        internal Queue<TaskCompletionSource> Waiting { get; } = new();

        internal int Active { get; set; }

        internal bool IsReady { get; set; }
    }
}
