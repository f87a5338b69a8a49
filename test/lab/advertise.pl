# Sends one router advertisement: advertise.pl IFINDEX PREFIX (RFC 4861, 4.2; a prefix of 64 bits, on-link and autonomous).
# perl, because Node.js has no raw sockets, and every Debian has perl-base.
use strict;
use warnings;
use Socket qw(:all);
my ($index, $prefix) = @ARGV;
socket(my $socket, AF_INET6, SOCK_RAW, 58) or die "socket: $!\n";
# IPV6_MULTICAST_HOPS, IPV6_MULTICAST_IF
setsockopt($socket, 41, 18, pack('i', 255)) or die "hops: $!\n";
setsockopt($socket, 41, 17, pack("i", $index)) or die "interface: $!\n";
# Type 134, hop limit 64, high preference (RFC 4191), lifetime 1,800 s; then the prefix option, for a day.
my $message = pack('CCnCCnNN', 134, 0, 0, 64, 0x08, 1800, 0, 0)
  . pack('CCCCNNN', 3, 4, 64, 0xc0, 86400, 14400, 0)
  . inet_pton(AF_INET6, $prefix);
send($socket, $message, 0, pack_sockaddr_in6(0, inet_pton(AF_INET6, 'ff02::1'), $index)) or die "send: $!\n";
