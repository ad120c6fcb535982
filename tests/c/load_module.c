/* Loads a module and becomes the program in it: load_module MODULE [ARGUMENT...]. */
#include "check.h"
#include "system.h"

int main(int argc, char **argv)
{
    int (*module_main)(int, char **);
    void *module, *function;
    CHECK(argc > 1);
    module = load_library(argv[1]);
    CHECK(module != NULL);
    function = find_function(module, "module_main");
    CHECK(function != NULL);
    memcpy(&module_main, &function, sizeof module_main);
    return module_main(argc - 1, argv + 1);
}
