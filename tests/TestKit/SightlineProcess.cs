using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sightline.TestKit;

/// <summary>The built program, run as a user runs it.</summary>
public sealed class SightlineProcess : IAsyncDisposable
{
    // The test projects are built in the same configuration as the program.
    private static readonly string Program = Path.Combine(
        Repository.Root, "src", "Cli", "bin", AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0", "sightline.dll");

    private readonly Process _process;
    private readonly List<string> _errors = [];

    private SightlineProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                if (line.Data is not null)
                {
                    _errors.Add(line.Data);
                }
            }
        };
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>A port of loopback that is free now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Starts a command on a data folder and does not wait for it.</summary>
    public static SightlineProcess Start(string data, params string[] arguments) => Start(data, [], arguments);

    /// <summary>Starts a command on a data folder, with more variables in its environment, and does not wait for it.</summary>
    public static SightlineProcess Start(string data, (string Name, string Value)[] environment, params string[] arguments)
    {
        // Where the tests themselves run in the background, Ctrl-C is ignored and would be in the program too.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SIGHTLINE_DATA"] = data;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new SightlineProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string data, params string[] arguments)
    {
        await using var process = Start(data, arguments);
        var output = await process._process.StandardOutput.ReadToEndAsync();
        await process._process.WaitForExitAsync();
        return (process._process.ExitCode, output, process.Errors);
    }

    /// <summary>Waits until the program has said something on its error stream.</summary>
    public async Task WaitForAsync(string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!Errors.Contains(text, StringComparison.Ordinal))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"sightline ended with {_process.ExitCode} before it said \"{text}\": {Errors}");
            }

            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>Ctrl-C, and the exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        await SignalAsync("INT");
        return await ExitAsync();
    }

    /// <summary>Sends a signal, such as INT or TERM, and does not wait.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The exit code, once the program has ended.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Kill -9: nothing of the program's own runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await InterruptAsync();
        }

        _process.Dispose();
    }
}
