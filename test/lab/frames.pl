# Sends and captures raw Ethernet frames in the network namespace in which it runs (packet(7)); needs perl-base only.
#   perl frames.pl send INTERFACE      frames from stdin, one in hex a line; prints how many were sent
#   perl frames.pl capture INTERFACE   prints `ready`, then, when stdin ends, a line `MARK COUNT` for each mark seen
use strict;
use warnings;
use Socket;

use constant { AF_PACKET => 17, ETH_P_ALL => 3, SIOCGIFINDEX => 0x8933, OUTGOING => 4, SO_RCVBUFFORCE => 33 };

my ($mode, $interface) = @ARGV;

sub interface_index {
  socket(my $any, AF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
  my $request = pack('a16 x24', $interface);
  ioctl($any, SIOCGIFINDEX, $request) or die "$interface: $!\n";
  return unpack('x16 i', $request);
}

# A socket of protocol 0 receives nothing, so a sender's queue cannot fill.
sub open_socket {
  my ($protocol) = @_;
  socket(my $socket, AF_PACKET, SOCK_RAW, 0) or die "packet socket: $!\n";
  setsockopt($socket, SOL_SOCKET, SO_RCVBUFFORCE, pack('i', 1 << 24)) if $protocol;
  bind($socket, pack('S n i x12', AF_PACKET, $protocol, interface_index())) or die "bind $interface: $!\n";
  return $socket;
}

sub transmit {
  my ($socket, $frame) = @_;
  my $sent = send($socket, $frame, 0) // die "send on $interface: $!\n";
  die "only $sent bytes were sent\n" if $sent != length $frame;
}

sub send_all {
  my $socket = open_socket(0);
  my $count = 0;
  while (my $line = <STDIN>) {
    chomp $line;
    transmit($socket, pack('H*', $line));
    $count += 1;
  }
  print "$count\n";
}

# What this interface itself sends is not counted. After stdin has ended, 50 ms of silence are the end.
sub capture {
  my $socket = open_socket(ETH_P_ALL);
  my (%seen, $ended);
  $| = 1;
  print "ready\n";
  while (1) {
    my $wanted = '';
    vec($wanted, fileno($socket), 1) = 1;
    vec($wanted, fileno(STDIN), 1) = 1 unless $ended;
    my $found = select($wanted, undef, undef, $ended ? 0.05 : undef);
    last if $ended && !$found;
    $ended = 1 if !$ended && vec($wanted, fileno(STDIN), 1) && !sysread(STDIN, my $rest, 4096);
    next unless vec($wanted, fileno($socket), 1);
    my $from = recv($socket, my $frame, 65536, 0) // next;
    next if unpack('x10 C', $from) == OUTGOING;
    $seen{ unpack('H*', $1) } += 1 while $frame =~ /(S64!.{4})/sg;
  }
  print "$_ $seen{$_}\n" for sort keys %seen;
}

my %modes = (send => \&send_all, capture => \&capture);
my $run = $modes{ $mode // '' } or die "usage: frames.pl send|capture INTERFACE\n";
$run->();
