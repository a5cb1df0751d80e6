# ask_tiny.pl IP PORT: prints the answer.
use strict;
use warnings;
use HTTP::Tiny;

my $answer = HTTP::Tiny->new(timeout => 10)->get("http://$ARGV[0]:$ARGV[1]/");
die "$answer->{status} $answer->{content}\n" unless $answer->{success};
print $answer->{content};
