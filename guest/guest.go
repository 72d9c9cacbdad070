// Package guest lists the guest systems.
package guest

import (
	"trapgate/guest/freebsd"
	"trapgate/guest/linux"
	"trapgate/kernel"
)

// Systems are all systems that are served.
var Systems = []*kernel.System{linux.AMD64, linux.I386, freebsd.AMD64}
