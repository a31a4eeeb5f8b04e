"""`python -m callengine` is the same as `callengine`."""

from callengine.cli import main

if __name__ == "__main__":
    main()
