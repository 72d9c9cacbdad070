module trapgate

go 1.26
