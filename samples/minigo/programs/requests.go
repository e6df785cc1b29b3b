// Records per request: a request, its headers and a reply are made, answered and dropped; some are kept in a log.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Header struct {
	key, value string
}

type Request struct {
	id      int
	path    []byte
	headers []Header
	body    []byte
}

type Reply struct {
	status  int
	body    []byte
	request *Request
}

type Stats struct {
	count, bytes, errors int
}

func parse(id int) *Request {
	path := make([]byte, 0, 24)
	body := make([]byte, 48)
	headers := make([]Header, 2)
	request := &Request{id: id, body: body, headers: headers}
	path = append(path, "/item/"...)
	for n := id; n > 0; n /= 10 {
		path = append(path, byte('0'+n%10))
	}
	request.path = path
	headers[0] = Header{"host", "example.org"}
	headers[1] = Header{"accept", "text/plain"}
	for i := range body {
		body[i] = byte(id + i)
	}
	return request
}

func handle(request *Request, stats *Stats) *Reply {
	words := make([]int, 8)
	reply := &Reply{status: 200, request: request}
	counts := make([]int, 8)
	for i, b := range request.body {
		words[i%8] += int(b)
		counts[b%8]++
	}
	sum := 0
	for i := range words {
		sum += words[i] * counts[i]
	}
	if sum%7 == 0 {
		reply.status = 404
		stats.errors++
	}
	reply.body = append(reply.body, request.path...)
	reply.body = append(reply.body, ' ')
	reply.body = append(reply.body, request.headers[sum%2].value...)
	stats.count++
	stats.bytes += len(reply.body)
	return reply
}

func main() {
	n := 60
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	stats := &Stats{}
	log := make([]*Reply, 0, 4)
	for id := 1; id <= n; id++ {
		reply := handle(parse(id*37), stats)
		if id%(n/4+1) == 0 {
			log = append(log, reply)
		}
	}
	fmt.Println(stats.count, "requests", stats.bytes, "bytes", stats.errors, "errors")
	for _, reply := range log {
		fmt.Printf("%d %s (request %d)\n", reply.status, reply.body, reply.request.id)
	}
}
