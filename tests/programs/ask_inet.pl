# ask_inet.pl IP PORT [TIMEOUT]: prints the answer, and who gave it.
use strict;
use warnings;
use IO::Socket::INET;

my ($ip, $port, $timeout) = @ARGV;
my $socket = IO::Socket::INET->new(
	PeerAddr => $ip, PeerPort => $port, Timeout => $timeout) or die "$@\n";
$socket->autoflush;
print $socket "who\n";
print scalar <$socket>;
print 'peer ', $socket->peerhost, ':', $socket->peerport, "\n";
