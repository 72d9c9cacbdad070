// Command web asks itself over 50 connections.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body)
	}))
	var good atomic.Int32
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			c := http.Client{Transport: &http.Transport{}}
			for j := range 4 {
				body := fmt.Sprintf("%d %d %s", i, j, make([]byte, 10000))
				r, w := io.Pipe()
				go func() { io.WriteString(w, body); w.Close() }()
				resp, err := c.Post("http://"+l.Addr().String(), "text/plain", r)
				if err != nil {
					fmt.Println(err)
					return
				}
				b, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if string(b) == body {
					good.Add(1)
				}
			}
		})
	}
	wg.Wait()
	fmt.Println("answers", good.Load())
}
