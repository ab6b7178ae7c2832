"""The child process of `isolation`: started by it, of no use by itself."""

from priorauth.rendering.isolation import serve


serve()
