# ask_http.rb IP PORT: prints the answer.
require 'net/http'

http = Net::HTTP.new(ARGV[0], ARGV[1].to_i)
http.open_timeout = 10
http.max_retries = 0
begin
  print http.get('/').body
rescue SystemCallError, Timeout::Error => e
  abort "#{e.class}: #{e.message}"
end
