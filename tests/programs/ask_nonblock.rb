# ask_nonblock.rb IP PORT: prints the answer, and who gave it.
require 'socket'

socket = Socket.new(:INET, :STREAM)
there = Socket.sockaddr_in(ARGV[1].to_i, ARGV[0])
begin
  begin
    socket.connect_nonblock(there)
  rescue IO::WaitWritable
    IO.select(nil, [socket])
    begin
      socket.connect_nonblock(there)
    rescue Errno::EISCONN
      nil
    end
  end
rescue SystemCallError => e
  abort "#{e.class}: #{e.message}"
end
socket.write("who\n")
puts socket.gets
puts "peer #{socket.remote_address.inspect_sockaddr}"
