"""A part of a path that ends where an action begins: `/things/{id}` is not what `/things/{id}:do` means."""

from starlette.convertors import StringConvertor, register_url_convertor


class _Thing(StringConvertor):
    """Whatever stands there, up to a colon."""

    regex = "[^/:]+"


THING = "thing"
register_url_convertor(THING, _Thing())
