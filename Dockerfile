# Never built here: no Docker engine was at hand (README, "Containers").
FROM mcr.microsoft.com/dotnet/sdk:10.0-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++ make cmake pkg-config libtorch-dev libvips-dev libcld2-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN dotnet publish src/Cli/Cli.csproj -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libtorch1.13 libopenblas0-pthread libvips42 libzstd1 libcld2-0 postgresql-client \
    && rm -rf /var/lib/apt/lists/* && useradd --system --create-home sightline
COPY --from=build /app /app
USER sightline
VOLUME /home/sightline/.local/share/sightline
ENTRYPOINT ["dotnet", "/app/sightline.dll"]
CMD ["serve", "/pictures"]
