using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Sightline.Web.Access;

/// <summary>Marks what comes through the daemon's Unix socket, which only its owner can open. What is not marked is a stranger's.</summary>
public sealed class OwnerConnection
{
    private OwnerConnection()
    {
    }

    /// <summary>To be called where that socket is listened on, and nowhere else.</summary>
    public static void Mark(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Features.Set(new OwnerConnection());
        return next(connection);
    });

    public static bool Is(HttpContext context) => context.Features.Get<OwnerConnection>() is not null;
}
