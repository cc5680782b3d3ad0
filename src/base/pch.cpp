// Asio compiles separately, once, here.
#include <boost/asio/impl/src.hpp>
