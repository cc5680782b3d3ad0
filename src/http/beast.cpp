// Beast compiles separately, once, here.
#include <boost/beast/src.hpp>
