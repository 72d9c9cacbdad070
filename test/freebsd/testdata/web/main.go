// Web serves itself over 100 connections at a time.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

func main() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Write(bytes.Repeat(b, 3))
	}))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	var wg sync.WaitGroup
	var good atomic.Int32
	for range 100 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 20 {
				if n, err := post(client, ln.Addr().String(), 1000*i); err != nil || n != 3000*i {
					fmt.Println(n, err)
					return
				}
				good.Add(1)
			}
		}()
	}
	wg.Wait()
	fmt.Println(good.Load(), "answers")
}

func post(client *http.Client, addr string, size int) (int, error) {
	r, err := client.Post("http://"+addr, "text/plain", bytes.NewReader(make([]byte, size)))
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return len(b), err
}
