# The NuGet package, with the native library for each system that it is built for.
install_nuget() {
    local sdk folder="$packages/nuget" program="$outside/nuget"
    sdk="$(ci/dotnet-sdk)" || { skip "the NuGet package: there is no .NET SDK"; return; }
    export PATH="$sdk:$PATH" MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
    empty nuget
    check "cargo builds the libraries" build_libraries || return
    check "dotnet packs" pack || return
    check "the native library is where .NET looks for it" has_native_library "$folder"/Callgate.*.nupkg
    mkdir -p "$program"
    cp ci/distribution/programs/session.csproj bindings/dotnet/tests-package/app/Program.cs \
        bindings/dotnet/tests-package/contracts/IDoorbell.cs "$program/"
    check "a program restores it from a folder, and builds" \
        dotnet build "$program" -nologo -v:q -clp:NoSummary -p:UseSharedCompilation=false \
        -p:RestoreSources="$folder" -p:RestorePackagesPath="$program/packages" || return
    check "the program runs" run_dotnet "$program"
}

pack() {
    local only=()
    [ -d /usr/lib/mono/4.6.1-api ] || only=(-p:CallgateCoreOnly=true)
    dotnet pack bindings/dotnet/src -c Release -nologo -v:q -clp:NoSummary -m:1 -p:UseSharedCompilation=false \
        -p:CallgateOutput="$packages/nuget-build/" -p:CallgateLibrary="$target/release/libcallgate.so" \
        -o "$packages/nuget" ${only[@]+"${only[@]}"}
}

has_native_library() {
    python3 -c 'import sys, zipfile; print("\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))' "$1" \
        | grep -x "runtimes/linux-x64/native/libcallgate.so"
}

run_dotnet() {
    cd "$1" && [ "$(timeout 120 dotnet bin/Debug/netcoreapp3.1/session.dll)" = "rings 2 3, knocks 1" ]
}
